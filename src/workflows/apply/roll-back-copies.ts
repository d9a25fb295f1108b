// After an interrupt, or a cancelled copy: what a run had begun to copy, and that has no subscription yet, is rolled
// back: rows, slot and state. It is called when no step runs any more.

import { hasEarlierRows } from '../../copy/fill/chunk-checkpoints.ts';
import { undoTableCopy } from '../../copy/undo-copy.ts';
import type { LoadInUse, RunContext, SnapshotInUse } from '../../executors/executor.ts';
import { lockWaitPolicy } from '../../executors/lock-wait-policy.ts';
import { dropAnchorStatement } from '../../executors/slot/slot-sql.ts';
import { forgetAttempt, leaveRows } from '../../metadata/copy-attempt.ts';
import { forgetOwnership } from '../../metadata/ownership.ts';
import { assertMayCommit } from '../../metadata/run-claim.ts';
import type { SteepError } from '../../model/errors.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** Where servers answer, nothing of it takes longer. */
const rollBackMs = 30_000;

/** What takes copies back, beside the run. */
interface Hand {
  readonly context: RunContext;
  /** Aborted when it has taken too long. The interrupt that led here must not end it. */
  readonly signal: AbortSignal;
  /** The sessions of the run to a node: where a connection has broken, new ones. The run lock is held by another session. */
  readonly reach: (node: NodeName) => Promise<Reached>;
}

interface Reached {
  readonly session: Session;
  readonly metadata: Session;
}

const handOf = (context: RunContext) => {
  const opened: Session[] = [];
  const keep = async (opening: Promise<Session>): Promise<Session> => {
    const session = await opening;
    opened.push(session);
    return session;
  };
  const reach = async (node: NodeName): Promise<Reached> => {
    const session = context.session(node);
    const metadata = context.metadata(node);
    const same = session === metadata;
    const reached = session.closed ? await keep(context.openSession(node)) : session;
    if (same) return { session: reached, metadata: reached };
    return {
      session: reached,
      metadata: metadata.closed ? await keep(context.openMetadata(node)) : metadata,
    };
  };
  const close = () => Promise.all(opened.map((session) => session.close()));
  const hand: Hand = { context, signal: AbortSignal.timeout(rollBackMs), reach };
  return { hand, close };
};

const undo = (node: NodeName, subscription: string, { context, signal }: Hand): Promise<void> => {
  const openTarget = () => context.openSession(node);
  const locks = lockWaitPolicy(null, context);
  const { guard, progress: onProgress } = context;
  return undoTableCopy({ node, subscription, openTarget, signal, locks, guard, onProgress });
};

const rollBack = async (
  address: Address,
  { held, source, reader }: SnapshotInUse,
  hand: Hand,
): Promise<void> => {
  const { node, subscription } = reader;
  const { runId, emit, snapshots } = hand.context;
  const target = await hand.reach(node);
  const from = await hand.reach(source);
  await undo(node, subscription, hand);
  await held.release();
  await assertMayCommit(from.session);
  // One that another session has read, or created again, is not this run's to drop.
  await from.session.query(dropAnchorStatement(held.slot, held.lsn));
  await from.metadata.transaction({}, () => forgetOwnership(from.metadata, address, runId));
  await forgetAttempt(target.metadata, { node, subscription, runId, emit });
  snapshots.delete(address);
};

/**
 * No session has read the slot, which is a copy of the one that the snapshot keeps. Rows that an earlier run has loaded
 * are not this one's to take: they may have been there before anybody thought of a subscription.
 */
const rollBackLoad = async (
  address: Address,
  { node, subscription, source, slot, checkpointsKey }: LoadInUse,
  hand: Hand,
): Promise<void> => {
  const { runId, emit, loads } = hand.context;
  const target = await hand.reach(node);
  const from = await hand.reach(source);
  const stays = await hasEarlierRows(target.session, { subscription: checkpointsKey, runId });
  if (!stays) await undo(node, checkpointsKey, hand);
  await assertMayCommit(from.session);
  await from.session.query(sql`
    SELECT pg_catalog.pg_drop_replication_slot(s.slot_name) FROM pg_catalog.pg_replication_slots AS s
     WHERE s.slot_name = ${slot}`);
  await from.metadata.transaction({}, () =>
    forgetOwnership(from.metadata, addressOf(source, 'slot', slot), runId),
  );
  const forget = stays ? leaveRows : forgetAttempt;
  await forget(target.metadata, { node, subscription, runId, emit });
  loads.delete(address);
};

interface Copy {
  readonly node: NodeName;
  readonly subscription: string;
  readonly source: NodeName;
  readonly slot: string;
  readonly remove: (hand: Hand) => Promise<void>;
}

const copiesOf = ({ snapshots, loads }: RunContext): readonly Copy[] => [
  ...[...snapshots].map(([address, snapshot]) => ({
    node: snapshot.reader.node,
    subscription: snapshot.reader.subscription,
    source: snapshot.source,
    slot: snapshot.held.slot,
    remove: (hand: Hand) => rollBack(address, snapshot, hand),
  })),
  ...[...loads].map(([address, load]) => ({
    ...load,
    remove: (hand: Hand) => rollBackLoad(address, load, hand),
  })),
];

/** Why something is still there, and what of it. */
const leftOf = ({ node, subscription, source, slot }: Copy, error: unknown): string => {
  const { code, message } = toFailure(error, { node, doing: 'removing what was copied' });
  const why = code === 'INTERRUPTED' ? `it took longer than ${rollBackMs / 1000} s.` : message;
  return `the initial copy of ${subscription} was not removed: its rows on node ${node}, and slot ${slot} on node ${source}, which keeps WAL there: ${why}`;
};

/** What is there of the copies of this run, and is not to be removed, because of this. */
export const leftCopies = (context: RunContext, reason: SteepError): readonly string[] =>
  copiesOf(context).map((copy) => leftOf(copy, reason));

/** Removes all that it can. Returns what is left, and why: one sentence for each copy. The next run finds it. */
export const rollBackCopies = async (context: RunContext): Promise<readonly string[]> => {
  const { hand, close } = handOf(context);
  const remains: string[] = [];
  for (const copy of copiesOf(context)) {
    await copy.remove(hand).catch((error: unknown) => remains.push(leftOf(copy, error)));
  }
  await close();
  return remains;
};
