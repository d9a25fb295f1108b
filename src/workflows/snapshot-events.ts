// Tells, as events of a run, what a command does with a snapshot: whatever ends it, the last event says how.

import type { TableEvent } from '../copy/copy-request.ts';
import type { CopyProgress } from '../model/copy-progress.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { SteepError } from '../model/errors.ts';
import type { EventLevel, RunEvent } from '../model/event.ts';
import { formatName } from '../model/identifier.ts';
import { fromCopy, movementOf } from '../model/init-progress.ts';
import type {
  SnapshotEnding,
  SnapshotNews,
  SnapshotOperation,
  SnapshotSubject,
} from '../model/snapshot-event.ts';
import type { VerifyProgress } from '../snapshot/verify.ts';
import type { NodeChoice } from './chosen-nodes.ts';
import type { Host } from './host.ts';
import { stampEvents } from './stamp-events.ts';

export interface TellingOptions extends Pick<Host, 'now' | 'clock'> {
  readonly operation: SnapshotOperation;
  /** Null: the snapshot itself says which. */
  readonly node: NodeChoice | null;
  readonly runId: string;
  readonly onEvent: (event: RunEvent) => void;
}

export interface SnapshotTeller {
  /** Events from now on say so, too. */
  readonly know: (known: Partial<Omit<SnapshotSubject, 'operation'>>) => void;
  readonly tell: (news: SnapshotNews, level?: EventLevel) => void;
  /** At most once a second, and at each new phase. */
  readonly progress: (progress: CopyProgress) => void;
  /** At most once a second. */
  readonly verifying: (progress: VerifyProgress) => void;
  readonly table: (event: TableEvent) => void;
}

interface NotRead {
  readonly outcome: 'invalid file' | 'unreadable';
  readonly diagnostics: readonly Diagnostic[];
}

/** Milliseconds. */
const tellEvery = 1000;

/**
 * Carries out the body, which tells what it does, and tells how it ended.
 * @param ending null: nothing was done, and nothing is told.
 * @throws what the body throws.
 */
export const telling = async <Done extends { readonly outcome: string }>(
  options: TellingOptions,
  body: (teller: SnapshotTeller) => Promise<Done | NotRead>,
  ending: (done: Done) => SnapshotEnding | null,
): Promise<Done | NotRead> => {
  const teller = makeTeller(options);
  const result = await body(teller).catch((error: unknown) => {
    teller.tell(failureOf(error), 'error');
    throw error;
  });
  if (isNotRead(result)) {
    teller.tell(unread(result), 'error');
    return result;
  }
  const news = ending(result);
  if (news !== null) teller.tell(news);
  return result;
};

const isNotRead = (result: { readonly outcome: string }): result is NotRead =>
  result.outcome === 'invalid file' || result.outcome === 'unreadable';

const makeTeller = (options: TellingOptions): SnapshotTeller => {
  const { operation, node, runId, onEvent } = options;
  const node_id = node?.node ?? node?.as ?? null;
  let subject: SnapshotSubject = { operation, snapshot_id: null, node_id, location: null };
  const emit = stampEvents(onEvent, runId, options);
  const isDue = pace(options.clock);
  const tell: SnapshotTeller['tell'] = (news, level) => emit({ ...news, ...subject }, level);
  return {
    know: (known) => {
      subject = { ...subject, ...known };
    },
    tell,
    progress: (copied) => {
      const { phase } = copied;
      if (!isDue(phase)) return;
      tell({ event: 'snapshot.progress', phase, ...movementOf(fromCopy(copied)) }, 'debug');
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
}: TableEvent): SnapshotNews => {
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
      return { event: 'snapshot.table_failed', table, error: error ?? 'no reason is known' };
  }
};

/** The message alone, as on the terminal: a cause could hold a secret. */
const failureOf = (error: unknown): SnapshotNews => ({
  event: 'snapshot.failed',
  code: error instanceof SteepError ? error.code : 'INTERNAL_ERROR',
  error: error instanceof Error ? error.message : String(error),
});

const unread = ({ outcome, diagnostics }: NotRead): SnapshotNews => ({
  event: 'snapshot.failed',
  code: outcome === 'unreadable' ? 'NODE_UNREADABLE' : 'INVALID_FILE',
  error: diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ detail }) => detail)
    .join(' '),
});
