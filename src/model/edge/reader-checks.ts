// An edge whose subscription does not get at what it reads, or fails with it.

import type { EdgeFacts } from './edge-facts.ts';
import {
  defineChecks,
  fails,
  isCopying,
  isOn,
  isSome,
  listed,
  planAgain,
  waitsForLock,
} from './health-check.ts';
import { errorsOf } from './two-looks.ts';

const failures = (edge: EdgeFacts) => [
  { field: 'errors', before: 'none', after: String(errorsOf(edge)) },
];

export const readerChecks = defineChecks(
  {
    code: 'SUBSCRIBER_UNREAD',
    health: 'unknown',
    applies: (edge) => edge.exists === null,
    reason: 'The subscriber could not be read.',
    cure: planAgain,
  },
  {
    code: 'SLOT_MISSING',
    health: 'broken',
    applies: (edge) => isOn(edge) && edge.slot === null,
    reason: 'The subscription is enabled and has no slot to read from.',
    cure: planAgain,
  },
  {
    code: 'PUBLICATION_MISSING',
    health: 'broken',
    applies: (edge) => isSome(edge.missingPublications),
    reason: ({ missingPublications }) =>
      `The publisher does not have what the subscription reads: publication ${listed(missingPublications)}.`,
    details: ({ missingPublications }) => [
      { field: 'publications', added: [], removed: missingPublications ?? [] },
    ],
    cure: planAgain,
  },
  {
    code: 'PUBLICATION_TOO_NEW',
    health: 'broken',
    applies: (edge) => isSome(edge.tooNewPublications),
    reason: ({ tooNewPublications }) =>
      `The slot is at a position at which publication ${listed(tooNewPublications)} did not exist yet: the changes from that position on cannot be read.`,
    details: ({ tooNewPublications }) => [
      { field: 'publications', added: tooNewPublications, removed: [] },
    ],
    cure: () => ['steep plan', 'steep explain PUBLICATION_TOO_NEW'],
  },
  {
    code: 'COPY_FAILING',
    health: 'broken',
    applies: (edge) => fails(edge) && isCopying(edge),
    reason: 'The copy of a table fails repeatedly.',
    details: failures,
    cure: () => [
      'Read the log of the subscriber: it names the table.',
      'steep explain COPY_FAILED',
    ],
  },
  {
    code: 'APPLY_FAILING',
    health: 'broken',
    applies: (edge) => fails(edge) && !isCopying(edge),
    reason: 'Apply fails repeatedly.',
    details: failures,
    cure: () => ['Read the log of the subscriber: it names the change that cannot be applied.'],
  },
  {
    code: 'WORKER_DOWN',
    health: 'broken',
    applies: (edge) => isOn(edge) && edge.workerRunning === false,
    reason:
      'No apply worker is running, or each one ends at once, although the subscription is enabled.',
    details: () => [{ field: 'worker', before: 'running', after: 'not running' }],
    cure: () => ['Read the log of the subscriber: it says why the worker ends.'],
  },
  {
    code: 'READS_ELSEWHERE',
    health: 'broken',
    applies: (edge) => isOn(edge) && edge.readsElsewhere === true && !waitsForLock(edge),
    reason: ({ source }) =>
      `The apply worker is running, and no session reads the slot on node ${source}: it reads from another server.`,
    details: () => [{ field: 'slot', before: 'active', after: 'not active' }],
    cure: () => [
      'See where the connection of the subscription leads: SELECT subname, subconninfo FROM pg_subscription;',
      'steep plan',
    ],
  },
);
