// Makes the rows of two nodes the same, under locks on both. A failure before the first commit changes nothing; one after
// it is finished by the next run.

import { anyColumns } from '../../copy/check/code-guard.ts';
import type { HandDecisions } from '../../merge/hand-decisions.ts';
import { mergeNodes } from '../../merge/merge-nodes.ts';
import type { MergeEnd, MergeWork } from '../../merge/merge-work.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { formatDuration } from '../../model/quantity.ts';
import { addressOf } from '../../model/state/address.ts';
import type { MergedDirection, MergePair } from '../../model/step/merge-step.ts';
import { tryAgain } from '../../postgres/retry/try-again.ts';
import { watchLocks } from '../../postgres/retry/watch-locks.ts';
import type { Executor, RunContext } from '../executor.ts';
import { lockWaitPolicy } from '../lock-wait-policy.ts';

const endOf = (node: string, direction: MergedDirection): MergeEnd => ({
  node,
  address: addressOf(node, 'subscription', direction.subscription),
  ...direction,
});

const workOf = (
  step: MergePair,
  byHand: HandDecisions,
  retried: MergeWork['retried'],
  context: RunContext,
): MergeWork => ({
  runId: context.runId,
  // What the first node subscribes to is the way back.
  ends: { a: endOf(step.first, step.back), b: endOf(step.node, step.forth) },
  tables: step.tables.map(
    ({ table, strategy, modifiedColumn, tie, overwrittenFirst, overwrittenSecond }) => ({
      table,
      rule: { strategy, modifiedColumn, tie },
      losers: { a: overwrittenFirst, b: overwrittenSecond },
    }),
  ),
  byHand,
  maxLockMs: step.maxLockMs,
  lockTimeoutMs: context.limits.lockTimeoutMs,
  open: context.openSession,
  openWalsender: context.openWalsender,
  slotTimeoutMs: context.limits.slotTimeoutMs,
  retried,
  guard: async (session, { table, columns }) => {
    await context.guard(session, 'scan', [{ name: table, columns }]);
    await context.guard(session, 'fill', [{ name: table, columns }]);
    await context.guard(session, 'write', [{ name: table, columns }]);
  },
  guardReads: (session, tables) => context.guard(session, 'scan', anyColumns(tables)),
  signal: context.signal,
  sleep: context.sleep,
  progress: context.progress,
});

export const mergePairExecutor: Executor<MergePair> = {
  transactional: false,
  reversible: false,
  limitsLocks: true,
  lock: () => 'EXCLUSIVE',
  sql: () => [],
  note: ({ first, node, tables, decisions, maxLockMs }) => [
    `with ${tables.map(({ table }) => formatName(table)).join(', ')} locked in EXCLUSIVE mode on nodes ${first} and ${node}${maxLockMs === null ? '' : `, at most ${formatDuration(maxLockMs)}`}:`,
    'decide what has changed since they were compared, write rows with a replication origin, check them, and commit on both',
    ...tables.map(
      ({ table, strategy, overwrittenFirst, overwrittenSecond }) =>
        `${formatName(table)}: ${strategy}; at most ${overwrittenFirst} rows of ${first} and ${overwrittenSecond} of ${node} are overwritten`,
    ),
    ...(decisions === null
      ? []
      : [`manual: as ${decisions.path} says (sha256:${decisions.sha256})`]),
  ],
  run: async (step, context) => {
    const { decisions } = step;
    const byHand = decisions === null ? new Map() : context.readDecisions(decisions);
    const locks = watchLocks(lockWaitPolicy(step, context));
    try {
      const retried: MergeWork['retried'] = (sessions, body) =>
        tryAgain(
          {
            node: step.node,
            doing: `locking the tables of pair ${step.pair}`,
            sessions: () => sessions,
            locks,
            sleep: context.sleep,
            recover: async () => sessions.every(({ closed }) => !closed),
            lockedExit: ExitCode.locked,
          },
          body,
        );
      await mergeNodes(workOf(step, byHand, retried, context));
    } finally {
      locks.stop();
    }
  },
};
