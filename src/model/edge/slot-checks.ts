// An edge whose slot cannot give what the subscription needs, or that is switched off.

import { quoteIdentifier } from '../identifier.ts';
import { steepCommand } from '../steep-command.ts';
import type { EdgeFacts } from './edge-facts.ts';
import { defineChecks, nothingToDo, planAgain } from './health-check.ts';
import { causeOf } from './initial-checks.ts';
import { repairOf, resetSkip } from './pending-skip.ts';
import { errorsOf } from './two-looks.ts';

const isOff = ({ enabled }: EdgeFacts): boolean => enabled === false;

const disabledItself = (edge: EdgeFacts): boolean =>
  edge.exists === true && isOff(edge) && edge.disablesOnError && errorsOf(edge) > 0;

/** Of no healthy edge: what a subscriber has confirmed, its publisher has written. */
const isAheadOfWal = ({ lagBytes }: EdgeFacts): boolean => (lagBytes ?? 0) < 0;

/** Nothing tells of it any more once the WAL has passed the slot. */
export const isSetBack = (edge: EdgeFacts): boolean =>
  edge.enabled === true && edge.slot !== null && isAheadOfWal(edge);

/** What the subscription would have to read is not there, and will not be: only a new initial copy brings it. */
export const losesChanges = (edge: EdgeFacts): boolean =>
  isSetBack(edge) ||
  (edge.enabled === true &&
    edge.slot !== null &&
    (edge.slotExists === false || edge.walStatus === 'lost'));

export const slotChecks = defineChecks(
  {
    code: 'SLOT_LOST',
    health: 'broken',
    applies: (edge) => edge.walStatus === 'lost',
    reason:
      'The slot is lost: the publisher removed WAL that it needed. Nothing is replicated any more.',
    details: () => [{ field: 'wal_status', before: 'reserved', after: 'lost' }],
    cure: () => ['A new initial copy is needed.', 'steep explain SLOT_LOST'],
  },
  {
    code: 'SLOT_MISSING',
    health: 'broken',
    applies: (edge) => edge.exists !== false && edge.slot !== null && edge.slotExists === false,
    reason: 'The slot does not exist on the publisher.',
    cure: () => ['A new initial copy is needed.', 'steep explain SLOT_MISSING'],
  },
  {
    code: 'PUBLISHER_SET_BACK',
    health: 'broken',
    applies: isAheadOfWal,
    reason:
      'The slot is ahead of the WAL of the publisher, which was restored to an earlier state: changes written there until the WAL reaches the slot are never sent, and there is no error.',
    cure: (edge) => [
      'A new initial copy of every subscription that reads from this publisher is needed.',
      steepCommand`steep apply --reinit ${`${edge.node}/subscription.${edge.subscription}`}`,
    ],
  },
);

export const skipChecks = defineChecks({
  code: 'SKIP_PENDING',
  health: 'broken',
  applies: ({ skipLsn }) => skipLsn != null,
  reason: ({ skipLsn }) =>
    `The transaction that ends at ${skipLsn} is to be skipped: none of its changes will be applied.`,
  cure: ({ node, subscription }) => [
    `To have it applied, on node ${node}:`,
    resetSkip(subscription),
    `After it was skipped: ${repairOf(node, subscription)}`,
  ],
});

/** What is still to be seen of the cause comes before it. */
export const divergedChecks = defineChecks({
  code: 'INIT_DIVERGED',
  health: 'broken',
  applies: (edge) => edge.initState === 'diverged',
  reason:
    'Changes are lost: after the initial copy the slot was lost, the publisher was set back, or rows were not sent.',
  // The cause is no longer to be seen, nor perhaps the table that it was about: what was printed then may not work.
  cure: (edge) => [
    steepCommand`steep apply --reinit ${`${edge.node}/subscription.${edge.subscription}`}`,
    ...causeOf(edge).map((cause) => `When it was seen: ${cause}`),
  ],
});

export const disabledChecks = defineChecks(
  {
    code: 'DISABLED_BY_ERROR',
    health: 'broken',
    applies: disabledItself,
    reason: 'The subscription was disabled by an error: a change could not be applied.',
    details: (edge) => [{ field: 'errors', before: '0', after: String(errorsOf(edge)) }],
    cure: (edge) => [
      'Read the log of the subscriber, correct the cause, and enable it again.',
      `ALTER SUBSCRIPTION ${quoteIdentifier(edge.subscription)} ENABLE;`,
    ],
  },
  {
    code: 'SUBSCRIPTION_DISABLED',
    health: 'broken',
    applies: (edge) =>
      edge.exists === true && isOff(edge) && edge.wantedDisabled === false && !disabledItself(edge),
    reason: 'The subscription is disabled, and steep.yaml wants it enabled.',
    cure: planAgain,
  },
  {
    code: 'SUBSCRIPTION_DISABLED',
    health: 'disabled',
    applies: (edge) =>
      edge.exists === true && isOff(edge) && edge.wantedDisabled !== false && !disabledItself(edge),
    reason: 'The subscription is disabled: nothing is replicated, and its slot keeps WAL.',
    cure: nothingToDo,
  },
);
