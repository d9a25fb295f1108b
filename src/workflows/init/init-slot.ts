// Makes the slot of a manual initialization, with the snapshot of its beginning. What is noted before it is there says
// so: a run that was killed in between is started again, since no position was reported.

import { readWriters } from '../../catalog/objects/read-writers.ts';
import { type HeldSnapshot, holdSnapshot } from '../../copy/read/hold-snapshot.ts';
import { slotTimedOut } from '../../executors/slot/create-slot.ts';
import { dropSlotStatement } from '../../executors/slot/slot-sql.ts';
import { type NewPreparedSlot, recordPrepared } from '../../metadata/init/init-slots.ts';
import { forgetOwnership, writeOwnership } from '../../metadata/ownership.ts';
import { SteepError } from '../../model/errors.ts';
import { describeTransaction } from '../../model/open-transaction.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { interruption } from '../../model/plan/interruption.ts';
import { addressOf } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { desiredResource } from '../../planner/complete/desired-resource.ts';
import { isKind } from '../../planner/context/context.ts';
import { ownershipOf } from '../../planner/rules/rule.ts';
import { isCancelled, sqlState, toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { featuresOf } from '../../postgres/versions.ts';
import type { Source } from './init-source.ts';

export interface SlotRequest {
  /** Drop what was prepared before, and start again. */
  readonly renew: boolean;
  readonly expiresInMs: number;
  readonly slotTimeoutMs: number;
  readonly runId: string;
  readonly signal: AbortSignal;
}

/** Where nothing begins: the slot was noted, and is not there yet. */
const nowhere = '0/0';

const refused = (code: string, message: string, ...suggestions: readonly string[]): SteepError =>
  new SteepError(code, message, { exit: ExitCode.refused, suggestions });

const liveSlot = ({ state, edge }: Source): ResourceOf<'slot'> | undefined =>
  state.resources.filter(isKind('slot')).find(({ name }) => name === edge.slot);

const flags = ({ edge }: Source): readonly string[] => [
  edge.node,
  '--from',
  edge.source,
  '--subscription',
  edge.name,
];

/** Where it begins was not reported, or it is no longer requested, and no session has read it. */
const mayBeDropped = (source: Source, slot: ResourceOf<'slot'>, renew: boolean): boolean => {
  const { prepared } = source;
  if (prepared === null || slot.observed?.active !== false) return false;
  if (prepared.lsn === nowhere) return true;
  return renew && [prepared.lsn, null].includes(slot.observed.confirmedFlushLsn);
};

/** What is there already. @throws SteepError INIT_PREPARED, SLOT_TAKEN (exit 3). */
const assertFree = (source: Source, renew: boolean): 'free' | 'drop' => {
  const { edge, state, prepared } = source;
  if (state.foreignSlots.some(({ name }) => name === edge.slot)) {
    throw refused(
      'SLOT_TAKEN',
      `Slot name ${edge.slot} is taken in the cluster of node ${edge.source}.`,
      `Give the subscription another name in steep.yaml: slot: NAME`,
    );
  }
  const slot = liveSlot(source);
  if (slot === undefined) return 'free';
  if (mayBeDropped(source, slot, renew)) return 'drop';
  if (prepared === null || renew) {
    throw refused(
      'SLOT_TAKEN',
      `Slot ${edge.slot} of node ${edge.source} was not created by steep init prepare, or was read since then: it was not changed.`,
      'If its subscription runs, there is nothing to prepare: steep status',
    );
  }
  throw refused(
    'INIT_PREPARED',
    `Slot ${edge.slot} was prepared at ${prepared.createdAt}: it starts at ${prepared.lsn}, and expires at ${prepared.expiresAt}.`,
    `To continue with it: ${steepCommand`steep init complete ${flags(source)}`}`,
    `To keep it for longer: ${steepCommand`steep init prepare ${flags(source)} --extend 24h`}`,
    `To start over, with another position: ${steepCommand`steep init prepare ${flags(source)} --renew`}`,
  );
};

const claim = async (source: Source, slot: NewPreparedSlot): Promise<void> => {
  const { metadata, state, edge } = source;
  const { database } = state.server;
  const resource = desiredResource('slot', edge.source, edge.slot, {
    plugin: 'pgoutput',
    database,
  });
  await metadata.transaction({}, async () => {
    await writeOwnership(metadata, ownershipOf(resource), {}, slot.runId);
    await recordPrepared(metadata, slot);
  });
};

const giveUp = async ({ metadata, edge }: Source, runId: string): Promise<void> => {
  await metadata.transaction({}, () =>
    forgetOwnership(metadata, addressOf(edge.source, 'slot', edge.slot), runId),
  );
};

/** Creation that is cancelled leaves no slot behind. */
const failed = async (
  source: Source,
  request: SlotRequest,
  error: unknown,
): Promise<SteepError> => {
  const { edge, session } = source;
  if (sqlState(error) !== null) await giveUp(source, request.runId);
  if (request.signal.aborted) return interruption(request.signal, error);
  if (!isCancelled(error)) {
    return toFailure(error, { node: edge.source, doing: `creating slot ${edge.slot}` });
  }
  const [oldest] = await readWriters(session);
  const writer = oldest === undefined ? null : describeTransaction(oldest);
  return slotTimedOut({ slot: edge.slot, node: edge.source }, writer, error);
};

/**
 * Creates the slot, and notes where it begins.
 * @param replication a walsender session, which the snapshot lives in; closed where there is none.
 * @throws SteepError SLOT_TIMEOUT, INTERRUPTED, SLOT_TAKEN, INIT_PREPARED.
 */
export const makeSlot = async (
  source: Source,
  replication: Session,
  request: SlotRequest,
): Promise<HeldSnapshot> => {
  const { edge, session, metadata, published } = source;
  const { runId, expiresInMs, signal } = request;
  const features = featuresOf(session.serverVersion);
  const found = assertFree(source, request.renew);
  const slot: NewPreparedSlot = {
    slot: edge.slot,
    node: edge.node,
    subscription: edge.name,
    lsn: nowhere,
    runId,
    published,
    expiresInMs,
  };
  await claim(source, slot);
  if (found === 'drop') {
    await session.query(dropSlotStatement(edge.slot));
  }
  const cancel = (): void => void replication.cancel().catch(() => undefined);
  const timer = setTimeout(cancel, request.slotTimeoutMs);
  signal.addEventListener('abort', cancel);
  try {
    const held = await holdSnapshot(replication, {
      slot: edge.slot,
      plugin: 'pgoutput',
      failover: edge.options.failover === 'true' && features.failoverSlots,
    });
    await metadata.transaction({}, () => recordPrepared(metadata, { ...slot, lsn: held.lsn }));
    return held;
  } catch (error) {
    throw await failed(source, request, error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
};
