// Creates a logical slot. Waits for every open write transaction of the whole cluster, is not undone by
// ROLLBACK, and leaves nothing behind when it is cancelled. With a snapshot, it is held for a copy to come.

import { readWriters } from '../../catalog/objects/read-writers.ts';
import { holdSnapshot, snapshotStatements } from '../../copy/read/hold-snapshot.ts';
import { noteAttempt } from '../../metadata/copy-attempt.ts';
import { keepSeenBeside } from '../../metadata/keep-seen.ts';
import { forgetOwnership } from '../../metadata/ownership.ts';
import { SteepError } from '../../model/errors.ts';
import { describeTransaction } from '../../model/open-transaction.ts';
import { checkpointsKeyOf } from '../../model/snapshot/snapshot.ts';
import type { CopiedSlot, CreateSlot, SnapshotReader } from '../../model/step/step.ts';
import { isCancelled } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, ident, type Sql, sql } from '../../postgres/sql/sql.ts';
import type { Executor, RunContext } from '../executor.ts';
import { cancelledElsewhere, watchForCancel } from '../wait/until-cancelled.ts';
import { noteApart, noteSlotIdentity } from './note-slot.ts';
import { dropSlotStatement } from './slot-sql.ts';

const statement = (step: CreateSlot): Sql =>
  step.failover === true
    ? sql`SELECT pg_catalog.pg_create_logical_replication_slot(${step.slot}, ${step.plugin}, failover => true)`
    : sql`SELECT pg_catalog.pg_create_logical_replication_slot(${step.slot}, ${step.plugin})`;

const oldestWriter = async (step: CreateSlot, context: RunContext): Promise<string | null> => {
  const [oldest] = await readWriters(await context.observer(step.node));
  return oldest === undefined ? null : describeTransaction(oldest);
};

/** The creation was cancelled after its time; no slot is left behind. */
export const slotTimedOut = (
  step: Pick<CreateSlot, 'slot' | 'node'>,
  writer: string | null,
  cause: unknown,
): SteepError =>
  new SteepError(
    'SLOT_TIMEOUT',
    `Creating slot ${step.slot} on node ${step.node} timed out while waiting for open write transactions${writer === null ? '' : `; the oldest: ${writer}`}.`,
    {
      suggestions: [
        'End that transaction, or allow more time with --slot-timeout; then run the same command again.',
      ],
      cause,
    },
  );

/** Names who is waited for, once it takes longer than a moment; its nodes count as seen meanwhile. */
const watch = (step: CreateSlot, context: RunContext): (() => Promise<void>) => {
  const nodes = new Set([step.node, step.snapshotFor?.node ?? step.node]);
  let seeing: readonly Promise<() => Promise<void>>[] = [];
  let isOver = false;
  const tell = async (): Promise<void> => {
    const writer = await oldestWriter(step, context);
    if (writer === null || isOver) return;
    context.progress(`waits for ${writer}`);
    if (seeing.length > 0) return;
    seeing = [...nodes].map((node) => keepSeenBeside(context.metadata(node), node));
  };
  const timer = setInterval(() => void tell().catch(() => undefined), 1000);
  return async () => {
    isOver = true;
    clearInterval(timer);
    for (const stopped of await Promise.allSettled(seeing)) {
      if (stopped.status === 'fulfilled') await stopped.value();
    }
  };
};

/** Its creation was cancelled: what claims it would name a slot that is not there. */
const forgetUnmade = async ({ node, slot, address }: CreateSlot, context: RunContext) => {
  // One whose creation still waits has no position.
  const made = await (await context.observer(node)).query(sql`
    SELECT FROM pg_catalog.pg_replication_slots AS s
     WHERE s.slot_name = ${slot} AND s.confirmed_flush_lsn IS NOT NULL`);
  if (made.length > 0) return;
  await noteApart(node, context, (metadata) =>
    metadata.transaction({}, () => forgetOwnership(metadata, address, context.runId)),
  );
};

/** What creates the slot may be cancelled, and is, when its time is over or nobody wants the copy any more. */
const withinLimits = async (
  step: CreateSlot,
  context: RunContext,
  session: Session,
  create: () => Promise<unknown>,
): Promise<void> => {
  const unwatch = watch(step, context);
  const copy = step.snapshotFor;
  const wanted = copy === null ? null : watchForCancel(copy, context);
  const signal = wanted?.signal ?? context.signal;
  const cancel = (): void => void session.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel);
  try {
    await create();
  } catch (error) {
    if (copy !== null && wanted?.isAsked() === true) {
      await forgetUnmade(step, context);
      throw cancelledElsewhere(copy);
    }
    if (!isCancelled(error) || context.signal.aborted) throw error;
    throw slotTimedOut(step, await oldestWriter(step, context), error);
  } finally {
    await unwatch();
    wanted?.stop();
    signal.removeEventListener('abort', cancel);
  }
};

const createBySql = async (step: CreateSlot, context: RunContext): Promise<void> => {
  const session = context.session(step.node);
  const setTimeout = (value: string) =>
    session.query(sql`SELECT pg_catalog.set_config('statement_timeout', ${value}, false)`);
  await setTimeout(`${context.limits.slotTimeoutMs}ms`);
  try {
    await withinLimits(step, context, session, () => session.query(statement(step)));
  } finally {
    if (!session.closed) await setTimeout('0');
  }
};

/** A walsender minds no statement_timeout while it creates a slot: steep cancels it itself. */
const createWithSnapshot = async (
  step: CreateSlot,
  reader: SnapshotReader,
  context: RunContext,
): Promise<void> => {
  const { slot, node: source, address } = step;
  const { runId, emit } = context;
  const attempt = { ...reader, checkpointsKey: null, source, slot, runId, emit };
  await noteApart(reader.node, context, (metadata) => noteAttempt(metadata, attempt));
  const session = await context.openWalsender(source);
  const { slotTimeoutMs } = context.limits;
  const cancel = (): void => void session.cancel().catch(() => undefined);
  const timer = slotTimeoutMs === 0 ? undefined : setTimeout(cancel, slotTimeoutMs);
  try {
    await withinLimits(step, context, session, async () => {
      const held = await holdSnapshot(session, step);
      context.snapshots.set(address, { held, source, reader });
      await noteSlotIdentity({ source, slot, lsn: held.lsn }, reader, context);
    });
  } catch (error) {
    await session.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

const copyStatement = ({ slot }: CreateSlot, { slot: from }: CopiedSlot): Sql =>
  sql`SELECT pg_catalog.pg_copy_logical_replication_slot(${from}, ${slot})`;

/** A copy of a slot is never for standbys, and only the replication protocol makes it so. */
const failoverStatement = ({ slot }: CreateSlot): Sql =>
  ddl`ALTER_REPLICATION_SLOT ${ident(slot)} (FAILOVER true)`;

const copyStatements = (step: CreateSlot, copied: CopiedSlot): readonly Sql[] => [
  copyStatement(step, copied),
  ...(step.failover === true ? [failoverStatement(step)] : []),
];

const makeFailover = async (step: CreateSlot, context: RunContext): Promise<void> => {
  const session = await context.openWalsender(step.node);
  try {
    await session.query(failoverStatement(step));
  } finally {
    await session.close();
  }
};

const slotMoved = ({ node }: CreateSlot, { slot, lsn, snapshotId }: CopiedSlot): SteepError =>
  new SteepError(
    'SNAPSHOT_SLOT_MOVED',
    `Slot ${slot} on node ${node} is no longer at ${lsn}, the position of snapshot ${snapshotId}: changes after the snapshot would be missing.`,
    { suggestions: ['Generate a new snapshot: steep snapshot generate. Do not read its slot.'] },
  );

/** It takes no snapshot, so it waits for no other session. */
const createByCopy = async (
  step: CreateSlot,
  copied: CopiedSlot,
  context: RunContext,
): Promise<void> => {
  const { node: source, slot } = step;
  const { runId, emit } = context;
  const { node, subscription } = copied;
  const checkpointsKey = checkpointsKeyOf(copied.snapshotId);
  const attempt = {
    node,
    subscription,
    source,
    slot,
    publicationsDigest: checkpointsKey,
    checkpointsKey,
  };
  await noteApart(node, context, (metadata) => noteAttempt(metadata, { ...attempt, runId, emit }));
  const session = context.session(source);
  await session.query(copyStatement(step, copied));
  const [made] = await session.query<{ readonly stands: boolean }>(sql`
    SELECT s.confirmed_flush_lsn = ${copied.lsn}::pg_lsn AS stands
      FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_name = ${slot}`);
  if (made?.stands !== true) {
    await session.query(dropSlotStatement(slot));
    throw slotMoved(step, copied);
  }
  if (step.failover === true) await makeFailover(step, context);
  await noteSlotIdentity({ source, slot, lsn: copied.lsn }, copied, context);
};

export const createSlotExecutor: Executor<CreateSlot> = {
  transactional: false,
  reversible: true,
  // A copy of a slot waits for no other session.
  limitsSlotWait: ({ copiedFrom }) => copiedFrom === undefined,
  sql: (step) => {
    if (step.copiedFrom !== undefined) return copyStatements(step, step.copiedFrom);
    return step.snapshotFor === null ? [statement(step)] : snapshotStatements(step);
  },
  run: (step, context) => {
    if (step.copiedFrom !== undefined) return createByCopy(step, step.copiedFrom, context);
    return step.snapshotFor === null
      ? createBySql(step, context)
      : createWithSnapshot(step, step.snapshotFor, context);
  },
};
