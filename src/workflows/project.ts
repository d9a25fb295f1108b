// What a command works on: the resolved file, and how its nodes are reached.

import type { Connections } from '../model/connection/conninfo.ts';
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
}
