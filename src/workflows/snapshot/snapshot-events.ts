// Tells, as events of a run, what a command does with a snapshot: whatever ends it, the last event says how.

import type { CopyTableEvent } from '../../copy/copy-request.ts';
import { type CopyProgress, movementOf } from '../../model/copy/init-progress.ts';
import type {
  EventLevel,
  SnapshotEnding,
  SnapshotNews,
  SnapshotOperation,
  SnapshotSubject,
} from '../../model/event.ts';
import { formatName } from '../../model/identifier.ts';
import type { VerifyProgress } from '../../snapshot/verify.ts';
import type { NodeChoice } from '../chosen-nodes.ts';
import type { Run } from '../operation/open-run.ts';
import type { News } from '../operation/run-operation.ts';

export interface SnapshotTeller {
  /** Events from now on say so, too. */
  readonly know: (known: Partial<Omit<SnapshotSubject, 'operation'>>) => void;
  readonly tell: (news: SnapshotNews, level?: EventLevel) => void;
  /** At most once a second, and at each new phase. */
  readonly progress: (progress: CopyProgress) => void;
  /** At most once a second. */
  readonly verifying: (progress: VerifyProgress) => void;
  readonly table: (event: CopyTableEvent) => void;
}

/** Milliseconds. */
const tellEvery = 1000;

/**
 * What tells of an operation on a snapshot.
 * @param node null: the snapshot itself says which.
 * @param ending null: nothing was done, and nothing is told.
 */
export const snapshotNews =
  <Done>(
    operation: SnapshotOperation,
    node: NodeChoice | null,
    ending: (done: Done) => SnapshotEnding | null,
  ) =>
  (run: Run): SnapshotTeller & News<Done> => {
    const teller = makeTeller(operation, node, run);
    return {
      ...teller,
      failed: (code, error) => teller.tell({ event: 'snapshot.failed', code, error }, 'error'),
      done: (result) => {
        const news = ending(result);
        if (news !== null) teller.tell(news);
      },
    };
  };

const makeTeller = (
  operation: SnapshotOperation,
  node: NodeChoice | null,
  { emit, runtime: { clock } }: Run,
): SnapshotTeller => {
  const node_id = node?.node ?? node?.as ?? null;
  let subject: SnapshotSubject = { operation, snapshot_id: null, node_id, location: null };
  const isDue = pace(clock);
  const tell: SnapshotTeller['tell'] = (news, level) => emit({ ...news, ...subject }, level);
  return {
    know: (known) => {
      subject = { ...subject, ...known };
    },
    tell,
    progress: (copied) => {
      const { phase } = copied;
      // No subscription follows a snapshot.
      if (phase === 'catching_up' || !isDue(phase)) return;
      tell({ event: 'snapshot.progress', phase, ...movementOf(copied) }, 'debug');
    },
    verifying: ({ bytesDone: bytes_done, bytesTotal: bytes_total }) => {
      if (!isDue('verifying')) return;
      tell({ event: 'snapshot.verifying', bytes_done, bytes_total }, 'debug');
    },
    table: (event) => tell(tableNews(event), event.kind === 'failed' ? 'error' : 'info'),
  };
};

/** Whether it is time to tell something of a phase again. */
const pace = (clock: () => number): ((phase: string) => boolean) => {
  let told = { phase: '', at: 0 };
  return (phase) => {
    const at = clock();
    if (phase === told.phase && at - told.at < tellEvery) return false;
    told = { phase, at };
    return true;
  };
};

const tableNews = ({
  kind,
  table: name,
  rows,
  bytes,
  durationMs,
  error,
}: CopyTableEvent): SnapshotNews => {
  const table = formatName(name);
  switch (kind) {
    case 'started':
      return { event: 'snapshot.table_started', table };
    case 'completed':
      return {
        event: 'snapshot.table_complete',
        table,
        rows_copied: rows,
        bytes_copied: bytes,
        duration_ms: Math.round(durationMs),
      };
    case 'failed':
      return { event: 'snapshot.table_failed', table, error: error ?? 'the reason is unknown' };
  }
};
