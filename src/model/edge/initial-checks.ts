// An edge whose subscription is not there, or whose initial copy is not over.

import { isUnderWay, isWatched } from '../copy/init-reading.ts';
import { steepCommand } from '../steep-command.ts';
import type { EdgeFacts } from './edge-facts.ts';
import { defineChecks, nothingToDo, planAgain } from './health-check.ts';

const isCopied = (edge: EdgeFacts): boolean =>
  edge.exists === true && edge.tablesReady === edge.tablesTotal;

/** By `steep init prepare`: a user copies the rows, however long it takes. */
const isPrepared = ({ exists, prepared, slotExists }: EdgeFacts): boolean =>
  exists === false && prepared && slotExists === true;

const isMissing = (edge: EdgeFacts): boolean => edge.exists === false && !isPrepared(edge);

export const causeOf = ({ init }: EdgeFacts): readonly string[] =>
  init?.error == null ? [] : [init.error];

export const initialChecks = defineChecks(
  {
    code: 'INIT_PREPARED',
    health: 'copying',
    applies: isPrepared,
    reason:
      'The slot of the initial copy is prepared: the rows are restored by hand, and the subscription comes after that.',
    cure: ({ node, source }) => [steepCommand`steep init complete ${node} --from ${source}`],
  },
  {
    code: 'INIT_RUNNING',
    health: 'copying',
    applies: (edge) => isMissing(edge) && edge.init !== null && isWatched(edge.init),
    reason: 'The initial copy is running; the subscription is created after it.',
    cure: nothingToDo,
  },
  {
    code: 'INIT_INTERRUPTED',
    health: 'broken',
    applies: (edge) =>
      isMissing(edge) && edge.init !== null && isUnderWay(edge.init) && !isWatched(edge.init),
    reason: 'The initial copy was interrupted, and no run continues it.',
    cure: () => ['steep apply'],
  },
  {
    code: 'INIT_FAILED',
    health: 'broken',
    applies: (edge) => edge.initState === 'failed' && !isCopied(edge),
    reason: 'The initial copy failed.',
    cure: (edge) => [...causeOf(edge), 'steep apply'],
  },
  {
    code: 'SUBSCRIPTION_MISSING',
    health: 'broken',
    applies: (edge) =>
      isMissing(edge) &&
      edge.initState !== 'failed' &&
      (edge.init === null || !isUnderWay(edge.init)),
    reason: 'The subscription is in steep.yaml but does not exist.',
    cure: planAgain,
  },
);
