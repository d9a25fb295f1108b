// After a copy that stopped midway: what was copied in part is emptied, and what was deferred is re-created. What the
// copy checkpoints say is complete is not touched. Again: does what is left to do.

import { setTimeout as delay } from 'node:timers/promises';
import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { interruption } from '../model/plan/interruption.ts';
import type { NodeName } from '../model/state/address.ts';
import { sqlState, toFailure } from '../postgres/failures.ts';
import { tryAgain } from '../postgres/retry/try-again.ts';
import { type LockWaitPolicy, type LockWatch, watchLocks } from '../postgres/retry/watch-locks.ts';
import type { Session } from '../postgres/session.ts';
import { assertUnchanged, findChanged } from './check/check-tables.ts';
import type { CodeGuard } from './check/code-guard.ts';
import type { SeenTables } from './check/seen-tables.ts';
import { end, mayBeReplica, openForWriting } from './copy-sessions.ts';
import { readCopiedTables } from './fill/chunk-checkpoints.ts';
import { emptyTable } from './fill/empty-table.ts';
import { maintenanceWorkMem as readMaintenanceWorkMem } from './fill/maintenance-memory.ts';
import type { DeferredObject } from './indexes/deferred-object.ts';
import { isValidation, makeAgain, readDeferred } from './indexes/deferred-records.ts';

export interface RecoverRequest {
  /** The target. */
  readonly node: NodeName;
  readonly subscription: string;
  /** Those that are not complete. Foreign keys that their rows are missing for stay on record, not validated. */
  readonly tables: readonly QualifiedName[];
  /** Those that are complete, and are proven to hold exactly the rows of the copy. */
  readonly kept: readonly QualifiedName[];
  readonly openTarget: () => Promise<Session>;
  readonly signal: AbortSignal;
  readonly locks: LockWaitPolicy;
  readonly guard: CodeGuard;
  /** Learns what those that are kept are made of; absent: none is kept. */
  readonly seen?: SeenTables;
  /** What is done now, for people. */
  readonly onProgress: (message: string) => void;
}

/**
 * When the tables that it emptied have been filled again, calling it with no tables validates the foreign keys
 * that had to wait.
 * @throws SteepError COPY_CHANGED where a table that is kept has changed, and whatever prevents the rest.
 */
export const recoverCopy = (request: RecoverRequest): Promise<void> =>
  withTarget(request, async (settling) => {
    const copied = await readCopiedTables(settling.session, request.subscription);
    const wanted = new Set(request.tables.map(formatName));
    // A table without a row in the copy checkpoints holds no row of the copy: what is in it belongs to another writer.
    for (const table of copied.filter((name) => wanted.has(formatName(name)))) {
      await emptyAgain(settling, table);
    }
    await makeAllAgain(settling);
    await request.seen?.look(settling.session, request.kept);
    // As late as possible: until now, other sessions could write to them.
    assertUnchanged(
      request.node,
      await findChanged(settling.session, request.subscription, request.kept, request.guard),
    );
  });

/** Tables that the copy has filled, with their checkpoints: what it deferred stays deferred. */
export const emptyTables = (request: Omit<RecoverRequest, 'kept'>): Promise<void> =>
  withTarget({ ...request, kept: [] }, async (settling) => {
    for (const table of request.tables) await emptyAgain(settling, table);
  });

/** A copy that is finished, one way or the other. */
export interface Settling {
  readonly request: RecoverRequest;
  readonly session: Session;
  readonly locks: LockWatch;
}

export const emptyAgain = (settling: Settling, table: QualifiedName): Promise<void> => {
  const { session, request } = settling;
  return patiently(settling, `emptying ${formatName(table)}`, () =>
    emptyTable(session, request, table),
  );
};

/** Indexes, then constraints, then foreign keys. */
export async function makeAllAgain(settling: Settling): Promise<void> {
  const { session, request } = settling;
  const deferred = await readDeferred(session, request.subscription);
  for (const it of deferred.toSorted((a, b) => orderOf(a) - orderOf(b) || a.id - b.id)) {
    const doing = `recreating ${it.kind} ${it.name} of ${formatName(it.table)}`;
    try {
      await patiently(settling, doing, () => makeAgain(session, request, it));
    } catch (error) {
      if (!mayWait(request, it, error)) throw error;
    }
  }
}

const orderOf = (it: DeferredObject): number =>
  isValidation(it) ? 3 : ['index', 'constraint', 'foreign key'].indexOf(it.kind);

const foreignKeyViolation = '23503';

/** The rows that are referred to may be in a table that is filled later. */
const mayWait = ({ tables }: RecoverRequest, it: DeferredObject, error: unknown): boolean =>
  isValidation(it) &&
  tables.length > 0 &&
  error instanceof SteepError &&
  sqlState(error.cause) === foreignKeyViolation;

/** One session, ended when the run is interrupted. */
export async function withTarget(
  request: RecoverRequest,
  body: (settling: Settling) => Promise<void>,
): Promise<void> {
  const { node, signal, openTarget } = request;
  const { timeoutMs } = request.locks;
  const probe = await openTarget();
  const replica = await mayBeReplica(probe);
  const maintenanceWorkMem = await readMaintenanceWorkMem(probe, 1, null);
  await probe.close();
  const session = await openForWriting(openTarget, {
    replica,
    maintenanceWorkMem,
    lockTimeoutMs: timeoutMs,
  });
  const locks = watchLocks(request.locks);
  const stop = (): void => void end(session).catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) throw interruption(signal, signal.reason);
    await body({ request, session, locks });
  } catch (error) {
    throw signal.aborted
      ? interruption(signal, error)
      : toFailure(error, { node, doing: 'rolling back an earlier copy' });
  } finally {
    locks.stop();
    signal.removeEventListener('abort', stop);
    await session.close();
  }
}

/** A lock that is not to be had at once may be had a moment later. */
const patiently = (
  { request, session, locks }: Settling,
  doing: string,
  body: () => Promise<void>,
): Promise<void> => {
  const { node, signal, onProgress } = request;
  onProgress(doing);
  const trial = {
    node,
    doing,
    sessions: () => [session],
    locks,
    sleep: (ms: number): Promise<void> => delay(ms, undefined, { signal }),
    recover: async () => !session.closed,
  };
  return tryAgain(trial, body);
};
