// Tells what differs from what is only on its way, while both sides are written to: a difference counts once neither row has
// changed between two readings with replication in between. `lookOnce` reads like the order of things.

import { isLockFailure } from '../../postgres/failures.ts';
import { backoff } from '../../postgres/retry/passing-failures.ts';
import type { Session } from '../../postgres/session.ts';
import { keyName, type Suspicion } from '../difference/compared-table.ts';
import type { MatchedEnds } from '../difference/match-ends.ts';
import { isSameVersion, type JudgedRows, judgeRows } from './judge-rows.ts';
import { type LiveRows, readRowsNow } from './read-live.ts';

/** How replication between the two sides is waited for; each answers null, or why it was not in time. */
export interface Fence {
  /** Until b has applied everything that a has written up to now. */
  readonly replayed: (deadline: number) => Promise<string | null>;
  /** Until what was committing on a is visible there; where b sends changes to a, until they have arrived. */
  readonly visible: (deadline: number) => Promise<string | null>;
}

export interface SettleWork {
  readonly a: Session;
  readonly b: Session;
  readonly fence: Fence;
  /** Of `clock`, in milliseconds. */
  readonly deadline: number;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface SettledKey {
  readonly suspicion: Suspicion;
  /** Null: neither proven to differ nor found equal. */
  readonly judged: JudgedRows | null;
  /** Why it is not settled. */
  readonly why: string | null;
}

interface Round {
  readonly settled: readonly SettledKey[];
  readonly pending: readonly Suspicion[];
  readonly why: string;
  /** Another round would bring nothing. */
  readonly over: boolean;
}

/** From the second round on. */
const quickLooks = 5;

const changing = 'the row is changed all the time';
const locked = 'the table is locked by another session';

/**
 * Every suspicion, settled or not.
 * @throws SteepError TABLE_REPLACED; pg's error where a table cannot be read any more.
 */
export const settleKeys = async (
  suspicions: readonly Suspicion[],
  ends: MatchedEnds,
  work: SettleWork,
): Promise<readonly SettledKey[]> => {
  const settled: SettledKey[] = [];
  let pending = suspicions;
  for (let attempt = 0; pending.length > 0; attempt += 1) {
    const round = await tryRound(pending, ends, work, attempt === 0 ? 1 : quickLooks);
    settled.push(...round.settled);
    pending = round.pending;
    if (round.over || work.clock() >= work.deadline) {
      const unsettled = pending.map((suspicion) => ({ suspicion, judged: null, why: round.why }));
      return [...settled, ...unsettled];
    }
    if (pending.length > 0) await work.sleep(backoff(attempt));
  }
  return settled;
};

const tryRound = async (
  pending: readonly Suspicion[],
  ends: MatchedEnds,
  work: SettleWork,
  looks: number,
): Promise<Round> => {
  try {
    const quick = await lookQuickly(pending, ends, work, looks);
    if (quick.others.length === 0) return over(quick.equal);
    const round = await lookOnce(quick.others, ends, work);
    return { ...round, settled: [...quick.equal, ...round.settled] };
  } catch (error) {
    if (!isLockFailure(error)) throw error;
    return { settled: [], pending, why: locked, over: false };
  }
};

const over = (settled: readonly SettledKey[]): Round => ({
  settled,
  pending: [],
  why: changing,
  over: true,
});

interface Split {
  readonly equal: readonly SettledKey[];
  readonly others: readonly Suspicion[];
}

/** Without waiting: a row that changes more often than replication can be waited for is the same on both sides at times. */
const lookQuickly = async (
  wanted: readonly Suspicion[],
  ends: MatchedEnds,
  { a, b }: SettleWork,
  looks: number,
): Promise<Split> => {
  const keyed = ends.a.key.length > 0;
  const equal: SettledKey[] = [];
  let others = wanted;
  for (let look = 0; look < looks && others.length > 0; look += 1) {
    const rowsA = await readRowsNow(a, ends.a, others);
    const split = splitEqual(others, rowsA, await readRowsNow(b, ends.b, others), keyed);
    equal.push(...split.equal);
    others = split.others;
  }
  return { equal, others };
};

/**
 * Reads the rows of a; waits until b has applied all that a wrote, and reads the rows of b; waits until what was committing
 * on a is visible there. Then both again, with replication in between: a difference needs the same versions of both.
 */
const lookOnce = async (
  wanted: readonly Suspicion[],
  ends: MatchedEnds,
  { a, b, fence, deadline }: SettleWork,
): Promise<Round> => {
  const keyed = ends.a.key.length > 0;
  const firstA = await readRowsNow(a, ends.a, wanted);
  const late = await fence.replayed(deadline);
  const firstB = await readRowsNow(b, ends.b, wanted);
  const { equal, others } = splitEqual(wanted, firstA, firstB, keyed);
  if (others.length === 0) return over(equal);
  const invisible = late ?? (await fence.visible(deadline));
  const secondA = await readRowsNow(a, ends.a, others);
  const later = invisible ?? (await fence.replayed(deadline));
  if (later !== null) return { settled: equal, pending: others, why: later, over: true };
  const secondB = await readRowsNow(b, ends.b, others);
  const kept = others.filter((suspicion) => {
    const [before, after] = [rowsOf(firstA, suspicion), rowsOf(secondA, suspicion)];
    return (
      isSameVersion(before, after) &&
      isSameVersion(rowsOf(firstB, suspicion), rowsOf(secondB, suspicion))
    );
  });
  const proven = kept.map((suspicion) => ({
    suspicion,
    judged: judgeRows(rowsOf(secondA, suspicion), rowsOf(secondB, suspicion), keyed),
    why: null,
  }));
  const pending = others.filter((suspicion) => !kept.includes(suspicion));
  return { settled: [...equal, ...proven], pending, why: changing, over: false };
};

/** What b had once it had applied what a had shows that nothing is wrong, whatever has happened since. */
const splitEqual = (
  wanted: readonly Suspicion[],
  a: LiveRows,
  b: LiveRows,
  keyed: boolean,
): Split => {
  const looked = wanted.map((suspicion) => ({
    suspicion,
    judged: judgeRows(rowsOf(a, suspicion), rowsOf(b, suspicion), keyed),
    why: null,
  }));
  return {
    equal: looked.filter(({ judged }) => judged.verdict === 'equal'),
    others: looked.flatMap(({ suspicion, judged }) =>
      judged.verdict === 'equal' ? [] : [suspicion],
    ),
  };
};

const rowsOf = (rows: LiveRows, suspicion: Suspicion) => rows.get(keyName(suspicion)) ?? [];
