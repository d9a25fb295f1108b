// What most snapshots of tests are asked for alike.

import type { GenerateSnapshotRequest } from '../../../src/workflows/snapshot/snapshot-generate.ts';

type Usual =
  | 'wanted'
  | 'restart'
  | 'signWith'
  | 'holdMs'
  | 'holdTables'
  | 'slotTimeoutMs'
  | 'waitForLockMs'
  | 'signal'
  | 'onProgress'
  | 'onEvent'
  | 'say';

/** All tables, again, and without a listener. */
export const usualSnapshot = (): Pick<GenerateSnapshotRequest, Usual> => ({
  wanted: { tables: null, schemas: null },
  restart: false,
  signWith: null,
  holdMs: 60_000,
  holdTables: false,
  slotTimeoutMs: 60_000,
  waitForLockMs: 0,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onEvent: () => undefined,
  say: () => undefined,
});
