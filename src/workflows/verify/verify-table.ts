// One table of an edge: compared at two snapshots, and what differs there is looked at until it is settled.

import { compareTable, type Readers } from '../../compare/difference/compare-table.ts';
import type { Suspicion } from '../../compare/difference/compared-table.ts';
import type { MatchedEnds } from '../../compare/difference/match-ends.ts';
import { type Fence, type SettledKey, settleKeys } from '../../compare/settle/settle.ts';
import { anyColumns, type CodeGuard } from '../../copy/check/code-guard.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { VerifiedRow, VerifiedTable, VerifyOutcome } from '../../model/report/verification.ts';
import { isLockFailure, toFailure } from '../../postgres/failures.ts';
import { backoff } from '../../postgres/retry/passing-failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { EdgeTable } from './compared-edge.ts';
import { makeTally, type Tally } from './tally.ts';

export interface VerifyTableWork {
  readonly publisher: Readers;
  readonly subscriber: Readers;
  /** For rows as they are now. */
  readonly live: { readonly publisher: Session; readonly subscriber: Session };
  readonly fence: Fence;
  readonly guard: CodeGuard;
  readonly fast: boolean;
  readonly settleMs: number;
  readonly onRead: (bytes: number) => Promise<void>;
  readonly onRow: (table: string, row: VerifiedRow) => void;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** The snapshot of the subscriber waits for that of the publisher, but not long: what is late is settled later. */
const betweenMs = 5000;

const lockAttempts = 5;
const lockRetryMs = 10_000;

/** Never throws for what is wrong with the table alone: that is in the result. */
export const verifyTable = async (
  table: EdgeTable,
  work: VerifyTableWork,
): Promise<VerifiedTable> => {
  const startedAt = work.clock();
  const found = await tryCompare(table, work).catch((error: unknown) => {
    if (work.signal.aborted) throw error;
    const failure = toFailure(error, {
      node: work.publisher[0].node,
      doing: `comparing ${formatName(table.table)}`,
    });
    return { error: { code: failure.code, message: failure.message } };
  });
  const { columns, where, notes } = table;
  return {
    table: formatName(table.table),
    outcome: 'unread',
    columns,
    key: null,
    where,
    counts: null,
    samples: [],
    notes,
    error: null,
    ...found,
    durationMs: Math.round(work.clock() - startedAt),
  };
};

type Found = Pick<VerifiedTable, 'outcome' | 'key' | 'counts' | 'samples'>;

/** A lock that a session of steep asked for without waiting may be free a moment later. */
const tryCompare = async (table: EdgeTable, work: VerifyTableWork): Promise<Found> => {
  assertReady(table);
  const startedAt = work.clock();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await compare(table, work);
    } catch (error) {
      if (!isLockFailure(error) || attempt === lockAttempts) throw error;
      // Another statement has waited already: a lock that is kept would hold up every table so many times.
      if (work.clock() - startedAt > lockRetryMs) throw error;
      await work.sleep(backoff(attempt));
    }
  }
};

const compare = async (table: EdgeTable, work: VerifyTableWork): Promise<Found> => {
  const { fence, clock, signal, onRead, fast, guard } = work;
  const tally = makeTally(table.shared, (row) => work.onRow(formatName(table.table), row));
  const { key, counted, rowsA, rowsB } = await compareTable(table, {
    a: work.publisher,
    b: work.subscriber,
    fast,
    onRead,
    signal,
    guard: (session) => guard(session, 'scan', anyColumns([table.table])),
    between: async () => void (await fence.replayed(clock() + Math.min(betweenMs, work.settleMs))),
    onSuspicions: settler(table, tally, work),
  });
  const counts = tally.counts(rowsA, rowsB);
  return {
    outcome: counted ? 'counted' : outcomeOf(counts),
    key,
    counts,
    samples: tally.samples(),
  };
};

/** Once replication did not catch up in time, what follows is looked at once. */
const settler = ({ shared }: EdgeTable, tally: Tally, work: VerifyTableWork) => {
  let settleMs = work.settleMs;
  return async (found: readonly Suspicion[], ends: MatchedEnds): Promise<void> => {
    const some = shared ? found.filter(({ a }) => a > 0) : found;
    const { live, fence, clock, sleep } = work;
    const settled: readonly SettledKey[] = await settleKeys(some, ends, {
      a: live.publisher,
      b: live.subscriber,
      fence,
      clock,
      sleep,
      deadline: clock() + settleMs,
    });
    if (settled.some(({ judged }) => judged === null)) settleMs = 0;
    tally.add(settled, ends);
  };
};

const outcomeOf = (counts: NonNullable<VerifiedTable['counts']>): VerifyOutcome => {
  if (counts.different + counts.missing + counts.extra > 0) return 'different';
  return counts.unsettled > 0 ? 'unsettled' : 'equal';
};

const assertReady = ({ table, syncState }: EdgeTable): void => {
  if (syncState === 'r') return;
  const name = formatName(table);
  const message =
    syncState === ''
      ? `The subscription does not have table ${name} yet.`
      : `The initial copy of table ${name} is not complete.`;
  throw new SteepError('TABLE_NOT_READY', message, {
    exit: ExitCode.incomplete,
    suggestions: ['steep status'],
  });
};
