// What one look at an edge cannot tell, and what a second one says: PostgreSQL starts a failed worker again after 5 s.

import { lsnDistance } from '../lsn.ts';
import type { EdgeFacts } from './edge-facts.ts';

/** PostgreSQL waits so long before it starts a worker again; with what a busy server adds. */
const restartSeconds = 6;

/** All that were counted; servers before 15 count none. */
export const errorsOf = ({
  applyErrors,
  syncErrors,
}: Pick<EdgeFacts, 'applyErrors' | 'syncErrors'>): number => (applyErrors ?? 0) + (syncErrors ?? 0);

/** It runs, and would also run for a moment if it failed again and again: a server before 15 counts no errors. */
const hasJustStarted = ({ applyErrors, workerAgeSeconds }: EdgeFacts): boolean =>
  applyErrors === null && workerAgeSeconds !== null && workerAgeSeconds < restartSeconds;

/** WAL waits that the subscriber has not confirmed. */
const isBehind = ({ lagBytes }: EdgeFacts): boolean => (lagBytes ?? 0) > 0;

const isCopyIdle = ({ tablesWaiting, syncWorkers }: EdgeFacts): boolean =>
  tablesWaiting.length > 0 && syncWorkers === 0;

const isUnread = ({ workerRunning, slotActive }: EdgeFacts): boolean =>
  workerRunning === true && slotActive === false;

/** Failures that a second look must confirm, after PostgreSQL's own pause between two tries. */
const maySeemFailing = (edge: EdgeFacts): boolean =>
  errorsOf(edge) > 0 || edge.workerRunning === false || hasJustStarted(edge);

/** Tables wait and nobody copies them, or a server before 15 does not count whether that fails. */
const mayCopyNothing = (edge: EdgeFacts): boolean =>
  isCopyIdle(edge) || (edge.tablesWaiting.length > 0 && edge.syncErrors === null);

/** Something looks wrong that may pass by itself, or well although it is not. */
export const isDoubtful = (edge: EdgeFacts): boolean =>
  edge.enabled === true &&
  (maySeemFailing(edge) || isBehind(edge) || mayCopyNothing(edge) || isUnread(edge));

/** The looks at one edge, the oldest first. */
export type Looks = readonly [EdgeFacts, ...EdgeFacts[]];

/** Whether further looks have already shown that nothing is wrong; a worker that fails at once is seen for a moment. */
export const isCleared = (looks: Looks): boolean => {
  const [first] = looks;
  const now = looks.at(-1) ?? first;
  const before = looks.at(-2) ?? first;
  return (
    !maySeemFailing(first) &&
    !(isBehind(first) && isStill(first, now)) &&
    !(mayCopyNothing(first) && (isCopyIdle(now) || isCopyIdle(before))) &&
    !(isUnread(first) && isUnread(now))
  );
};

/** Nothing was confirmed in between, and what was written before the first look is not confirmed yet. */
const isStill = (first: EdgeFacts, now: EdgeFacts): boolean =>
  now.confirmedFlushLsn !== null &&
  now.confirmedFlushLsn === first.confirmedFlushLsn &&
  lsnDistance(now.confirmedFlushLsn, first.currentLsn ?? '0/0') > 0;

/** How often a worker was seen that had started since the look before. Settings that change end it once. */
const restartsIn = (looks: Looks): number => {
  const ages = looks.flatMap(({ workerRunning, workerAgeSeconds }) =>
    workerRunning === true && workerAgeSeconds !== null ? [workerAgeSeconds] : [],
  );
  return ages.filter((age, index) => age < (ages[index - 1] ?? 0)).length;
};

/** The last look, with what the ones before it add. A worker that fails is between two tries, or another one each time. */
export const settle = (looks: Looks): EdgeFacts => {
  const [first] = looks;
  const last = looks.at(-1) ?? first;
  const downs = looks.filter(({ workerRunning }) => workerRunning === false).length;
  const isDown = last.workerRunning === false && (downs >= 2 || looks.length === 1);
  return {
    ...last,
    workerRunning: last.workerRunning === null ? null : !isDown && restartsIn(looks) < 2,
    errorsMoving: errorsOf(last) > errorsOf(first),
    stalled: isBehind(first) && isStill(first, last),
    readsElsewhere: looks.every(isUnread),
    copyIdle: looks.filter(isCopyIdle).length > looks.length / 2,
  };
};
