// After a copy that stopped midway: what was copied in part is emptied, and what was put off is made again. What the
// ledger says is complete is not touched. Again: does what is left to do.

import { setTimeout as delay } from 'node:timers/promises';
import type { NodeName } from '../model/address.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { interruption } from '../model/interruption.ts';
import { sqlState, toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { backoff, retriesOf } from './copy-failures.ts';
import { end, mayBeReplica, openForWriting } from './copy-sessions.ts';
import { emptyTable } from './empty-table.ts';
import { readCopiedTables } from './ledger.ts';
import { maintenanceWorkMem } from './maintenance-memory.ts';
import { isValidation, makeAgain, type Postponed, readPostponed } from './postponed.ts';

export interface SettleRequest {
  /** The target. */
  readonly node: NodeName;
  readonly subscription: string;
  /** Those that are not complete. Foreign keys that their rows are missing for stay on record, not validated. */
  readonly tables: readonly QualifiedName[];
  readonly openTarget: () => Promise<Session>;
  readonly signal: AbortSignal;
  /** What is done now, for people. */
  readonly onProgress: (message: string) => void;
}

/**
 * When the tables that it emptied have been filled again, calling it with no tables validates the foreign keys
 * that had to wait.
 * @throws SteepError
 */
export const settleCopy = (request: SettleRequest): Promise<void> =>
  withTarget(request, async (session) => {
    const copied = await readCopiedTables(session, request.subscription);
    const wanted = new Set(request.tables.map(formatName));
    // A table without a row in the ledger holds no row of the copy: what is in it belongs to somebody else.
    for (const table of copied.filter((name) => wanted.has(formatName(name)))) {
      request.onProgress(`emptying ${formatName(table)}`);
      await patiently(request, session, () => emptyTable(session, request.subscription, table));
    }
    await makeAllAgain(request, session);
  });

/** Indexes, then constraints, then foreign keys. */
export async function makeAllAgain(request: SettleRequest, session: Session): Promise<void> {
  const postponed = await readPostponed(session, request.subscription);
  for (const it of postponed.toSorted((a, b) => orderOf(a) - orderOf(b) || a.id - b.id)) {
    request.onProgress(`making ${it.kind} ${it.name} of ${formatName(it.table)} again`);
    try {
      await patiently(request, session, () => makeAgain(session, request.subscription, it));
    } catch (error) {
      if (!mayWait(request, it, error)) throw error;
    }
  }
}

const orderOf = (it: Postponed): number =>
  isValidation(it) ? 3 : ['index', 'constraint', 'foreign key'].indexOf(it.kind);

const foreignKeyViolation = '23503';

/** The rows that are referred to may be in a table that is filled later. */
const mayWait = ({ tables }: SettleRequest, it: Postponed, error: unknown): boolean =>
  isValidation(it) && tables.length > 0 && sqlState(error) === foreignKeyViolation;

/** One session, ended when the run is interrupted. */
export async function withTarget(
  { node, signal, openTarget }: SettleRequest,
  body: (session: Session) => Promise<void>,
): Promise<void> {
  const probe = await openTarget();
  const replica = await mayBeReplica(probe);
  const memory = await maintenanceWorkMem(probe, 1, null);
  await probe.close();
  const session = await openForWriting(openTarget, { replica, maintenanceWorkMem: memory });
  const stop = (): void => void end(session).catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) throw interruption(signal, signal.reason);
    await body(session);
  } catch (error) {
    throw signal.aborted
      ? interruption(signal, error)
      : toFailure(error, { node, doing: 'settling an earlier copy' });
  } finally {
    signal.removeEventListener('abort', stop);
    await session.close();
  }
}

/** A lock that is not to be had at once may be had a moment later. */
export async function patiently(
  { node, signal }: SettleRequest,
  session: Session,
  body: () => Promise<void>,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await body();
      return;
    } catch (error) {
      const failure = toFailure(error, { node, doing: 'settling an earlier copy' });
      if (session.closed || attempt >= retriesOf(failure)) throw error;
      await delay(backoff(attempt), undefined, { signal });
    }
  }
}
