// After an interrupt, or a cancelled copy: what a run had begun to copy, and nobody follows yet, is taken back:
// rows, slot and state. It is called when no step runs any more.

import { hasEarlierRows } from '../copy/ledger.ts';
import { undoCopy } from '../copy/undo-copy.ts';
import type { LoadInUse, RunContext, SnapshotInUse } from '../executors/executor.ts';
import { lockPatience } from '../executors/until-unlocked.ts';
import { forgetAttempt, leaveRows } from '../metadata/copy-attempt.ts';
import { forgetOwnership } from '../metadata/ownership.ts';
import { type Address, addressOf, type NodeName } from '../model/address.ts';
import { sql } from '../postgres/sql.ts';

const takeBack = async (
  address: Address,
  { held, source, reader }: SnapshotInUse,
  context: RunContext,
): Promise<void> => {
  const { node, subscription } = reader;
  const { runId, emit } = context;
  // The interrupt that led here must not end this.
  const { signal } = new AbortController();
  const openTarget = () => context.openSession(node);
  const locks = lockPatience(null, context);
  await undoCopy({ node, subscription, openTarget, signal, locks, onProgress: context.progress });
  await held.release();
  await context
    .session(source)
    .query(sql`SELECT pg_catalog.pg_drop_replication_slot(${held.slot})`);
  const metadata = context.metadata(source);
  await metadata.transaction({}, () => forgetOwnership(metadata, address, runId));
  await forgetAttempt(context.metadata(node), { node, subscription, runId, emit });
  context.snapshots.delete(address);
};

/**
 * Nobody has read the slot, which is a copy of the one that the snapshot keeps. Rows that an earlier run has loaded are
 * not this one's to take: they may have been there before anybody thought of a subscription.
 */
const takeBackLoad = async (
  address: Address,
  { node, subscription, source, slot, ledger }: LoadInUse,
  context: RunContext,
): Promise<void> => {
  const { runId, emit } = context;
  const stays = await hasEarlierRows(context.session(node), { subscription: ledger, runId });
  if (!stays) await emptyLoaded(node, ledger, context);
  await context.session(source).query(sql`
    SELECT pg_catalog.pg_drop_replication_slot(s.slot_name) FROM pg_catalog.pg_replication_slots AS s
     WHERE s.slot_name = ${slot}`);
  const metadata = context.metadata(source);
  await metadata.transaction({}, () =>
    forgetOwnership(metadata, addressOf(source, 'slot', slot), runId),
  );
  const forget = stays ? leaveRows : forgetAttempt;
  await forget(context.metadata(node), { node, subscription, runId, emit });
  context.loads.delete(address);
};

const emptyLoaded = (node: NodeName, ledger: string, context: RunContext): Promise<void> => {
  const { signal } = new AbortController();
  const openTarget = () => context.openSession(node);
  const locks = lockPatience(null, context);
  const { progress: onProgress } = context;
  return undoCopy({ node, subscription: ledger, openTarget, signal, locks, onProgress });
};

/** @throws the driver's error when a server cannot be asked: the next run then finds what is left. */
export const takeBackCopies = async (context: RunContext): Promise<void> => {
  for (const [address, snapshot] of context.snapshots) await takeBack(address, snapshot, context);
  for (const [address, load] of context.loads) await takeBackLoad(address, load, context);
};
