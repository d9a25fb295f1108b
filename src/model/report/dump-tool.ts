// The pg_dump of the machine that runs steep.

import type { NodeName } from '../state/address.ts';

export interface DumpTool {
  /** As it is called: a name that is looked up in PATH, or a path. */
  readonly program: string;
  /** As people say it: `18.1`; null: it is not there, or cannot be run. */
  readonly version: string | null;
  /** Nodes whose server is not newer than it. */
  readonly serves: readonly NodeName[];
}
