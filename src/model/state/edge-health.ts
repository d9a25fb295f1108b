// The health of an edge, judged from what is known of both of its ends. Pure.
// The rule of the verdict: never say ok while replication is broken.

import { isUnderWay, isWatched } from '../copy/init-reading.ts';
import type { EdgeFacts, Health, Verdict } from '../report/status.ts';

interface Symptom {
  readonly health: Exclude<Health, 'ok'>;
  readonly applies: (edge: EdgeFacts, maxLag: number) => boolean;
  readonly reason: string | ((edge: EdgeFacts) => string);
  readonly cure: (edge: EdgeFacts) => readonly string[];
}

const nothingToDo = (): readonly string[] => [];

/** The first that applies is the verdict: what makes others look well comes before them. */
const symptoms: readonly Symptom[] = [
  {
    health: 'copying',
    applies: (edge) => edge.exists === false && edge.init !== null && isWatched(edge.init),
    reason: 'The first copy is being made; the subscription comes after it.',
    cure: nothingToDo,
  },
  {
    health: 'broken',
    applies: (edge) => edge.exists === false && edge.init !== null && isUnderWay(edge.init),
    reason: 'The first copy was interrupted, and no run continues it.',
    cure: () => ['steep apply'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.initState === 'failed' && !isCopied(edge),
    reason: 'The first copy failed.',
    cure: (edge) => [...(edge.init?.error == null ? [] : [edge.init.error]), 'steep apply'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.exists === false,
    reason: 'The subscription is in steep.yaml and does not exist.',
    cure: () => ['steep plan'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.walStatus === 'lost',
    reason:
      'The slot is lost: the publisher removed WAL that it needed. Nothing is replicated any more.',
    cure: () => ['Only a new first copy helps.', 'steep explain SLOT_LOST'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.slot !== null && edge.slotExists === false,
    reason: 'The slot does not exist on the publisher.',
    cure: () => ['Only a new first copy helps.', 'steep explain SLOT_MISSING'],
  },
  {
    health: 'broken',
    applies: (edge) => (edge.lagBytes ?? 0) < 0,
    reason:
      'The slot is ahead of the WAL of the publisher, which was set back to an earlier state: what is written there until the WAL has reached the slot is never sent, without an error.',
    cure: (edge) => [
      'Only a new first copy helps, of every subscription that reads from this publisher.',
      `steep apply --reinit ${edge.node}/subscription.${edge.subscription}`,
    ],
  },
  {
    health: 'broken',
    applies: (edge) => edge.initState === 'diverged',
    reason: 'Changes are missing for good: the slot was lost after the first copy.',
    cure: (edge) => [
      ...(edge.init?.error == null ? [] : [edge.init.error]),
      'Only a new first copy helps.',
    ],
  },
  {
    health: 'broken',
    applies: (edge) => !edge.enabled && edge.disablesOnError && failed(edge),
    reason: 'The subscription was disabled by an error: a change could not be applied.',
    cure: (edge) => [
      'Read the log of the subscriber, put the cause right, and enable it again.',
      `ALTER SUBSCRIPTION ${edge.subscription} ENABLE;`,
    ],
  },
  {
    health: 'broken',
    applies: (edge) => !edge.enabled && edge.wantedDisabled === false,
    reason: 'The subscription is disabled, and steep.yaml wants it enabled.',
    cure: () => ['steep plan'],
  },
  {
    health: 'disabled',
    applies: (edge) => !edge.enabled,
    reason: 'The subscription is disabled: nothing is replicated, and a slot keeps WAL meanwhile.',
    cure: nothingToDo,
  },
  {
    health: 'unknown',
    applies: (edge) => edge.workerRunning === null,
    reason: 'The subscriber could not be read.',
    cure: () => ['steep plan'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.slot === null,
    reason: 'The subscription is enabled and has no slot to read from.',
    cure: () => ['steep plan'],
  },
  {
    health: 'broken',
    applies: (edge) => isSome(edge.missingPublications),
    reason: ({ missingPublications }) =>
      `The publisher does not have what the subscription reads: publication ${listed(missingPublications)}.`,
    cure: () => ['steep plan'],
  },
  {
    health: 'broken',
    applies: (edge) => isSome(edge.tooNewPublications),
    reason: ({ tooNewPublications }) =>
      `The slot is at a position at which publication ${listed(tooNewPublications)} did not exist yet: the changes from there on cannot be read.`,
    cure: () => ['steep plan', 'steep explain PUBLICATION_TOO_NEW'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.errorsMoving === true && edge.tablesReady < edge.tablesTotal,
    reason: 'The copy of a table fails again and again.',
    cure: () => [
      'Read the log of the subscriber: it names the table.',
      'steep explain COPY_FAILED',
    ],
  },
  {
    health: 'broken',
    applies: (edge) => edge.errorsMoving === true,
    reason: 'Apply fails repeatedly.',
    cure: () => ['Read the log of the subscriber: it names the change that cannot be applied.'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.workerRunning === false,
    reason: 'No apply worker is running, although the subscription is enabled.',
    cure: () => ['Read the log of the subscriber: the worker says there why it ends.'],
  },
  {
    health: 'broken',
    applies: (edge) => isSome(edge.unpublishedTables),
    reason: ({ unpublishedTables }) =>
      `The subscription has tables that are no longer published: ${listed(unpublishedTables)}.`,
    cure: () => ['steep plan'],
  },
  {
    health: 'broken',
    applies: (edge) => isSome(edge.unknownTables),
    reason: ({ unknownTables }) =>
      `Tables are published that the subscription does not have: ${listed(unknownTables)}.`,
    cure: () => ['steep plan'],
  },
  {
    health: 'unknown',
    applies: (edge) => edge.slotExists === null,
    reason: 'The publisher could not be read, so that neither the slot nor the lag is known.',
    cure: () => ['steep plan'],
  },
  {
    health: 'copying',
    applies: (edge) => edge.tablesReady < edge.tablesTotal,
    reason: 'The first copy of a table is not done yet.',
    cure: nothingToDo,
  },
  {
    health: 'unknown',
    applies: (edge) => edge.lagBytes === null,
    reason: 'The lag could not be read.',
    cure: () => ['steep plan'],
  },
  {
    health: 'lagging',
    applies: (edge, maxLag) => (edge.lagBytes ?? 0) > maxLag,
    reason: 'The subscriber is behind by more than policy.max_lag.',
    cure: nothingToDo,
  },
];

const isCopied = (edge: EdgeFacts): boolean =>
  edge.exists === true && edge.tablesReady === edge.tablesTotal;

const failed = (edge: EdgeFacts): boolean =>
  (edge.applyErrors ?? 0) > 0 || (edge.syncErrors ?? 0) > 0;

/** At most so many names in a sentence. */
const namesShown = 5;

const isSome = (names: readonly string[] | null): boolean => names !== null && names.length > 0;

const listed = (names: readonly string[] | null): string => {
  const all = names ?? [];
  const more = all.length > namesShown ? ` and ${all.length - namesShown} more` : '';
  return `${all.slice(0, namesShown).join(', ')}${more}`;
};

/** All that keeps an edge from being well, what explains the rest first; empty: it is well. `maxLag`, in bytes, is policy.max_lag. */
export const edgeHealth = (edge: EdgeFacts, maxLag: number): readonly Verdict[] =>
  symptoms
    .filter(({ applies }) => applies(edge, maxLag))
    .map(({ health, reason, cure }) => ({
      health,
      reason: typeof reason === 'string' ? reason : reason(edge),
      cure: cure(edge),
    }));

/** The verdict on an edge: the first of what keeps it from being well. */
export const judgeEdge = (edge: EdgeFacts, maxLag: number): Verdict =>
  edgeHealth(edge, maxLag)[0] ?? { health: 'ok', reason: null, cure: [] };
