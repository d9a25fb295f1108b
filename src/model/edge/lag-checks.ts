// An enabled edge through which changes flow too slowly, not at all, or into nothing.

import { formatSize } from '../quantity.ts';
import { steepCommand } from '../steep-command.ts';
import type { EdgeFacts } from './edge-facts.ts';
import { defineChecks, isOn, nothingToDo, planAgain, waitsForLock } from './health-check.ts';

const waitsForStandby = (edge: EdgeFacts): boolean =>
  edge.stalled === true && edge.senderWait === 'WaitForStandbyConfirmation';

/** The subscriber would take changes, and none are sent. */
const isNotSent = (edge: EdgeFacts): boolean =>
  edge.stalled === true && edge.workerIdle === true && !waitsForStandby(edge);

const holders = ({ blockers }: EdgeFacts): string =>
  blockers
    .map(({ pid, application, state, ageSeconds }) => {
      const name = application === '' ? '' : ` (${application})`;
      return pid === 0
        ? 'a prepared transaction'
        : `session ${pid}${name}, ${state} since ${ageSeconds} s`;
    })
    .join('; ');

export const lagChecks = defineChecks(
  {
    code: 'LAG_UNKNOWN',
    health: 'unknown',
    applies: (edge) => isOn(edge) && edge.slotExists === true && edge.lagBytes === null,
    reason: 'The lag could not be read.',
    cure: planAgain,
  },
  {
    code: 'SENDER_WAITS_FOR_STANDBY',
    health: 'broken',
    applies: waitsForStandby,
    reason:
      'The publisher sends nothing until the slots in synchronized_standby_slots have confirmed it.',
    cure: () => [
      'Start the standby of each slot there, or take the slot out of synchronized_standby_slots.',
    ],
  },
  {
    code: 'SENDER_STALLED',
    health: 'broken',
    applies: isNotSent,
    reason: ({ senderWait }) =>
      `The publisher sends nothing although changes wait, and the apply worker is idle${senderWait === null ? '' : `; the sender waits for ${senderWait}`}.`,
    cure: ({ slot }) => [
      `To see the process that sends from the slot: SELECT active_pid FROM pg_replication_slots WHERE slot_name = '${slot ?? ''}';`,
    ],
  },
  {
    code: 'APPLY_WAITS_FOR_LOCK',
    health: 'lagging',
    applies: waitsForLock,
    reason: (edge) => `Apply waits for a lock of ${holders(edge)}.`,
    cure: ({ blockers }) =>
      blockers.flatMap(({ pid }) =>
        pid === 0
          ? ['SELECT gid FROM pg_prepared_xacts;']
          : [`To end that session: SELECT pg_catalog.pg_terminate_backend(${pid});`],
      ),
  },
  {
    code: 'LAG_ABOVE_POLICY',
    health: 'lagging',
    applies: (edge, maxLag) => isOn(edge) && (edge.lagBytes ?? 0) > maxLag,
    reason: 'The subscriber is behind by more than policy.max_lag.',
    details: ({ lagBytes }, maxLag) => [
      { field: 'lag', before: `at most ${formatSize(maxLag)}`, after: formatSize(lagBytes) },
    ],
    cure: nothingToDo,
  },
  {
    code: 'APPLY_STALLED',
    health: 'lagging',
    applies: (edge) =>
      isOn(edge) &&
      edge.stalled === true &&
      edge.workerRunning === true &&
      !waitsForLock(edge) &&
      !waitsForStandby(edge) &&
      !isNotSent(edge),
    reason:
      'Changes wait, and the subscriber has confirmed none of them for five seconds: it applies a large transaction, or it is stopped.',
    cure: nothingToDo,
  },
  {
    code: 'CHANGES_SKIPPED',
    health: 'broken',
    applies: (edge) => (edge.skippedChanges ?? 0) > 0,
    reason: ({ skippedChanges }) =>
      `The subscriber has skipped ${skippedChanges} updates of rows that it does not have: the two ends differ.`,
    details: ({ skippedChanges }) => [
      { field: 'skipped changes', before: '0', after: String(skippedChanges) },
    ],
    cure: (edge) => [
      'Compare the tables of both ends, and copy again those that differ:',
      steepCommand`steep apply --reinit ${`${edge.node}/subscription.${edge.subscription}`}`,
      `Then: SELECT pg_catalog.pg_stat_reset_subscription_stats(oid) FROM pg_subscription WHERE subname = '${edge.subscription.replaceAll("'", "''")}';`,
    ],
  },
);
