// What a command works on: the resolved file, and how its nodes are reached.

import type { Connections } from '../model/connection/conninfo.ts';
import type { NodeName } from '../model/state/address.ts';
import type { DesiredState } from '../model/state/state.ts';

export interface Project {
  readonly desired: DesiredState;
  readonly connections: Connections;
  /** Of the file: relative locations start there. Absent: where the process runs. */
  readonly folder?: string;
  /** Made of connections of the command line: what a command makes belongs to no file. */
  readonly withoutFile?: true;
  /** Connections of subscriptions are not compared. */
  readonly skipConnections?: boolean;
  /** Connections of subscriptions are compared with what was last applied, too: each hash takes 30 ms. */
  readonly comparesApplied?: true;
  /** Nodes that are read as if there were no steep_repl: to tell a role that may not read it what else it lacks. */
  readonly withoutMetadata?: ReadonlySet<NodeName>;
}
