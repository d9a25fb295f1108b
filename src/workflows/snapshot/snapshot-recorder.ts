// Keeps steep_repl.snapshots of the source in line with a snapshot that is being made. A snapshot needs no steep_repl:
// what cannot be recorded is reported once, and nothing more.

import {
  type NewSnapshot,
  recordSnapshotEnd,
  recordSnapshotProgress,
  recordSnapshotStart,
  type SnapshotEnd,
} from '../../metadata/snapshots.ts';
import type { CopyProgress } from '../../model/copy/init-progress.ts';
import type { Session } from '../../postgres/session.ts';
import type { JournalHeader } from '../../snapshot/manifest/journal.ts';

export interface RecorderOptions {
  /** Where steep_repl of the source is. */
  readonly metadata: Session;
  readonly header: JournalHeader;
  readonly location: string;
  readonly runId: string;
  readonly clock: () => number;
  /** For people. */
  readonly say: (text: string) => void;
}

export interface SnapshotRecorder {
  readonly start: () => Promise<void>;
  /** Writes at most once a second. */
  readonly report: (progress: CopyProgress) => void;
  /** Bytes that were stored. */
  readonly finish: (end: SnapshotEnd) => Promise<void>;
}

const everyMs = 1000;

export const makeRecorder = (options: RecorderOptions): SnapshotRecorder => {
  const { metadata, header, runId, clock, say } = options;
  const of = { snapshotId: header.snapshotId, runId };
  let writing: Promise<void> = Promise.resolve();
  let writtenAt = Number.NEGATIVE_INFINITY;
  let silent = false;
  const attempt = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!silent) say(`The snapshot is not on record in steep_repl: ${why}`);
      silent = true;
    }
  };
  return {
    start: () => attempt(() => recordSnapshotStart(metadata, rowOf(options))),
    report: (progress) => {
      if (silent || clock() - writtenAt < everyMs) return;
      writtenAt = clock();
      writing = writing.then(() =>
        attempt(() => recordSnapshotProgress(metadata, of, toProgress(progress))),
      );
    },
    finish: async (end) => {
      await writing;
      if (!silent && !metadata.closed) await attempt(() => recordSnapshotEnd(metadata, of, end));
    },
  };
};

const rowOf = ({ header, location, runId }: RecorderOptions): NewSnapshot => {
  const { snapshotId, slot, lsn, source, choice } = header;
  const { compression, publications } = choice;
  return { snapshotId, runId, node: source.node, slot, lsn, location, compression, publications };
};

/** What is stored is known at the end: compression is not asked on the way. */
const toProgress = (progress: CopyProgress) => ({
  phase: progress.phase,
  tablesTotal: progress.tablesTotal,
  tablesDone: progress.tablesDone,
  rows: progress.rowsCopied,
  bytesTotal: progress.bytesTotal,
  bytesDone: progress.bytesCopied,
  storedBytes: 0,
});
