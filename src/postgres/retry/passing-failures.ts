// Failures that pass by themselves: how often what met them is tried again, and after which pause.

import { SteepError } from '../../model/errors.ts';
import type { NodeName } from '../../model/state/address.ts';
import { isLockFailure, isSerializationFailure, sqlState } from '../failures.ts';

/** A load lets another session have a table first: it is tried again, and waits for that session then. */
export class GaveWay extends SteepError {
  constructor(node: NodeName, cause: unknown) {
    super('LOCK_TIMEOUT', `Node ${node}: another session waits for a table that is being filled.`, {
      cause,
    });
  }
}

/**
 * How often what failed is tried again; 0: never. In a second attempt, a unique violation may be the work of the first,
 * whose commit arrived after the connection was lost: then it is in the copy checkpoints.
 */
export const retriesOf = (error: SteepError, lockRetries: number, retried: boolean): number => {
  if (isBroken(error)) return passingTries;
  const state = sqlState(error.cause);
  if (retried && state === uniqueViolation) return passingTries;
  // Two workers add foreign keys to each other's tables: the server has let one of them through.
  if (state === deadlockDetected) return Math.max(passingTries, lockRetries);
  if (isSerializationFailure(error.cause)) return passingTries;
  return isLockFailure(error.cause) ? lockRetries : 0;
};

/**
 * What ended a whole run and may pass by itself: the same command has a chance again later. `yields`: it was not the
 * turn of this run, so that it may wait for as long as it takes.
 */
export const passingOf = (error: SteepError): 'passes' | 'yields' | 'stays' => {
  if (error.code === 'RUN_LOCKED') return 'yields';
  return laterCodes.has(error.code) || retriesOf(error, 1, false) > 0 ? 'passes' : 'stays';
};

/** Of reports, which have no SQLSTATE any more; and what only a run as a whole meets. */
const laterCodes = new Set([
  'LOCK_TIMEOUT',
  'RUN_LOCK_LOST',
  'RUN_REPLACED',
  'SLOT_ACTIVE',
  'NOT_CONVERGED',
  'ROWS_UNSETTLED',
]);

/** Attempts after what may have passed in a moment. */
export const passingTries = 5;

const brokenCodes = new Set(['CONNECTION_LOST', 'UNREACHABLE', 'TOO_MANY_CONNECTIONS']);

/** The connection broke, or none was to be had: nothing was refused. */
export const isBroken = ({ code }: SteepError): boolean => brokenCodes.has(code);

const uniqueViolation = '23505';
const deadlockDetected = '40P01';

/** Milliseconds before the next attempt. */
export const backoff = (attempt: number): number => Math.min(250 * 2 ** attempt, 5000);

/** Milliseconds before a whole operation is begun again. */
export const operationPause = (attempt: number): number =>
  Math.min(1000 * 2 ** attempt, 5 * 60_000);
