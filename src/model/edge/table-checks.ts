// An edge some of whose tables are not replicated.

import type { EdgeFacts } from './edge-facts.ts';
import {
  defineChecks,
  fails,
  isCopying,
  isOn,
  isSome,
  listed,
  nothingToDo,
  planAgain,
} from './health-check.ts';

const publishedElse = (edge: EdgeFacts): readonly string[] =>
  (edge.unknownTables ?? []).filter((table) => !edge.missingTables.includes(table));

const tableState = (edge: EdgeFacts) =>
  edge.tablesWaiting.map(({ table, state }) => ({
    field: table,
    before: 'ready',
    after: `not ready (state ${state})`,
  }));

export const tableChecks = defineChecks(
  {
    code: 'TABLE_UNPUBLISHED',
    health: 'broken',
    applies: (edge) => isSome(edge.unpublishedTables),
    reason: ({ unpublishedTables }) =>
      `The subscription has tables that are no longer published: ${listed(unpublishedTables)}.`,
    cure: planAgain,
  },
  {
    code: 'TARGET_MISSING',
    health: 'broken',
    applies: (edge) => isSome(edge.missingTables),
    reason: ({ missingTables }) =>
      `Tables are published that the subscriber does not have: ${listed(missingTables)}. Apply stops at the first change of one.`,
    cure: () => ['Create the tables on the subscriber.', 'steep plan'],
  },
  {
    code: 'TABLE_NOT_SUBSCRIBED',
    health: 'broken',
    applies: (edge) => isSome(publishedElse(edge)),
    reason: (edge) =>
      `Tables are published that the subscription does not have: ${listed(publishedElse(edge))}.`,
    cure: planAgain,
  },
  {
    code: 'PUBLISHER_UNREAD',
    health: 'unknown',
    applies: (edge) => edge.exists !== false && edge.slotExists === null,
    reason: 'The publisher could not be read, so neither the slot nor the lag is known.',
    cure: planAgain,
  },
  {
    code: 'COPY_WITHOUT_WORKER',
    health: 'broken',
    applies: (edge) =>
      isOn(edge) &&
      isCopying(edge) &&
      edge.copyIdle === true &&
      !fails(edge) &&
      edge.workerRunning === true,
    reason: ({ tablesWaiting }) =>
      `No worker copies the tables that are not ready: ${listed(tablesWaiting.map(({ table }) => table))}.`,
    details: tableState,
    cure: () => [
      'Either every place in max_logical_replication_workers and max_sync_workers_per_subscription is taken, or the copy fails at once: the log of the subscriber says which.',
    ],
  },
  {
    code: 'TABLE_NOT_READY',
    health: 'copying',
    applies: (edge) => isOn(edge) && isCopying(edge),
    reason: 'The initial copy of a table is not done yet.',
    details: tableState,
    cure: nothingToDo,
  },
);
