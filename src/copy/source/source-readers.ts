// The sessions that read the rows of a copy on the source. Usually each part is read in a transaction of its own, so that
// the copy holds no table for long.

import type { Session } from '../../postgres/session.ts';
import { type Open, openForReading } from '../copy-sessions.ts';
import { type SnapshotView, viewInParts } from './snapshot-view.ts';

export interface SourceReaders {
  readonly open: Open;
  /** Of a session that was opened here. */
  readonly view: (session: Session) => SnapshotView;
  /** Called once, when the last row was read. */
  readonly release: () => Promise<void>;
  /** Ends the sessions that are left. */
  readonly close: () => Promise<void>;
}

export interface ReaderWork {
  readonly open: Open;
  readonly snapshot: string;
  readonly lockTimeoutMs: number;
}

export const readInParts = ({ open, snapshot, lockTimeoutMs }: ReaderWork): SourceReaders => ({
  open: () => openForReading(open, lockTimeoutMs),
  view: (session) => viewInParts(session, snapshot),
  release: () => Promise.resolve(),
  close: () => Promise.resolve(),
});
