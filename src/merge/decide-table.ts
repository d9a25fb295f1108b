// Decides every key of a table that is not the same on both nodes, and stores the decisions on both.

import type { GuardEnd } from '../compare/repair/repaired-table.ts';
import { type StoredDecision, storeDecisions } from '../metadata/merge-state.ts';
import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { MergeSide } from '../model/state/merge.ts';
import { type ChangedKeys, isChangedSince } from './changes.ts';
import { type Decision, decide } from './decide.ts';
import { type DecidedKey, type DecidingWork, findDifferences } from './find-differences.ts';
import { findHandDecision, type HandDecisions } from './hand-decisions.ts';
import { HandFaults } from './hand-faults.ts';
import type { MergeSessions, MergeWork, TableToMerge } from './merge-work.ts';
import type { MergedTable } from './merged-table.ts';

export interface Deciding {
  readonly runId: string;
  readonly skewMicros: bigint;
  /** The first node has the merged rows already: what was changed since on each. Null: neither has. */
  readonly changed: Readonly<Record<MergeSide, ChangedKeys>> | null;
  readonly byHand: HandDecisions;
  readonly guard: GuardEnd;
  readonly signal: AbortSignal;
}

export type Losers = Readonly<Record<MergeSide, number>>;

/** What decides the keys of a table, and takes note of it. */
export interface TableDecider {
  readonly decide: DecidingWork['decide'];
  /** @throws SteepError MERGE_UNDECIDED, MERGE_DECISION_STALE. */
  readonly store: (some: readonly DecidedKey[]) => Promise<void>;
}

export const tableDecider = (
  table: MergedTable,
  { table: name, rule }: TableToMerge,
  { deciding }: Pick<MergeSessions, 'deciding'>,
  { runId, skewMicros, changed, byHand }: Omit<Deciding, 'guard' | 'signal'>,
): TableDecider => {
  const text = formatName(name);
  const columns = table.onto.a.ends.a.key.map(({ column }) => column);
  const faults = new HandFaults(text, columns);
  return {
    decide: (rivals, keyText, key) => {
      const made = findHandDecision(byHand, text, columns, key);
      const again = () => decide(rivals, rule, skewMicros, made);
      return changed === null
        ? again()
        : decideAgain(again, {
            a: isChangedSince(changed.a, text, keyText),
            b: isChangedSince(changed.b, text, keyText),
          });
    },
    store: async (some) => {
      faults.add(some);
      faults.refuse();
      const stored = some.map(
        ({ key, winner, rule: why }): StoredDecision => ({ ...key, winner, rule: why }),
      );
      for (const session of [deciding.a, deciding.b]) {
        await session.transaction({}, () => storeDecisions(session, runId, name, stored));
      }
    },
  };
};

/** Under the locks: all rows. Returns how many rows of each node lose. @throws as TableDecider does. */
export const decideTable = async (
  table: MergedTable,
  asked: TableToMerge,
  sessions: MergeSessions,
  work: Deciding,
): Promise<Losers> => {
  const losers = { a: 0, b: 0 };
  const { readers, rows } = sessions;
  const { guard, signal } = work;
  const { decide: decideKey, store } = tableDecider(table, asked, sessions, work);
  await findDifferences(table, {
    readers,
    rows,
    guard,
    signal,
    decide: decideKey,
    onDecided: async (some) => {
      await store(some);
      for (const { loser } of some) if (loser !== null) losers[loser] += 1;
    },
  });
  return losers;
};

/**
 * The first node has what was decided, so that its row, or its absence, is the result. What applications have changed
 * since then on the second node alone is newer.
 */
const decideAgain = (
  decideNow: () => Decision,
  changed: Readonly<Record<MergeSide, boolean>>,
): Decision => {
  if (!changed.b) return { winner: 'a', rule: 'decided before the interruption' };
  if (!changed.a) return { winner: 'b', rule: 'changed during the interruption' };
  return decideNow();
};

/** @throws SteepError MERGE_MORE_LOSERS (exit 4) */
export const limitOf = (
  { table, losers: agreed }: TableToMerge,
  found: Losers,
  ends: MergeWork['ends'],
): void => {
  for (const side of ['a', 'b'] as const) {
    if (found[side] <= agreed[side]) continue;
    throw new SteepError(
      'MERGE_MORE_LOSERS',
      `Table ${formatName(table)}: ${found[side]} rows of node ${ends[side].node} would be overwritten, and ${agreed[side]} were agreed to. Nothing was changed on either node.`,
      {
        exit: ExitCode.stale,
        suggestions: [
          'Rows were changed since the plan was made. Plan again, and agree to what it shows; applications that do not write meanwhile change nothing.',
        ],
      },
    );
  }
};
