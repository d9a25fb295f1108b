// steep ops: the queue of one node, looked at and changed. Works with steep.yaml, or with a connection alone.

import { setTimeout as delay } from 'node:timers/promises';
import {
  type OperationLine,
  readOperationLog,
  readOperations,
} from '../../catalog/queue/read-operations.ts';
import { cancelWork, purgeWork } from '../../metadata/queue/end-work.ts';
import { SteepError } from '../../model/errors.ts';
import { interruption } from '../../model/plan/interruption.ts';
import { isOver, type OperationReport, type WorkStatus } from '../../model/queue/operation.ts';
import type { ReadResult } from '../../model/report/read-result.ts';
import type { DesiredNode } from '../../model/state/state.ts';
import type { Session } from '../../postgres/session.ts';
import { createWakeup } from '../../postgres/wakeup.ts';
import type { PlaceRequest } from '../primitives/place.ts';
import { withMetadata } from '../primitives/with-metadata.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { lookAtMostEvery, lookEvery } from './look-pace.ts';

/** Who adds an operation changes nothing of the topology, and need not be the role that applies it. */
const forAnyRole = ({ applyRole, metadataOwners = [], ...node }: DesiredNode): DesiredNode => ({
  ...node,
  metadataOwners: applyRole === undefined ? metadataOwners : [...metadataOwners, applyRole],
});

/** Opens the steep_repl of a node. @throws SteepError USAGE, METADATA_OUTDATED. */
export const withQueue = <Report>(
  place: PlaceRequest,
  readOnly: boolean,
  runtime: RuntimeEnvironment,
  body: (session: Session, node: string) => Promise<Report>,
): Promise<ReadResult<Report>> =>
  withMetadata(
    { place, applicationName: 'steep ops', readOnly, doing: 'using its queue', asNode: forAnyRole },
    runtime,
    body,
  );

export interface OperationList {
  readonly node: string;
  readonly operations: readonly OperationReport[];
}

export const listOperations = (
  place: PlaceRequest,
  status: WorkStatus | null,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<OperationList>> =>
  withQueue(place, true, runtime, async (session, node) => ({
    node,
    operations: await readOperations(session, { id: null, status }),
  }));

/** @throws SteepError OBJECT_NOT_FOUND. */
const oneOf = async (session: Session, id: number): Promise<OperationReport> => {
  const [found] = await readOperations(session, { id, status: null });
  if (found !== undefined) return found;
  throw new SteepError('OBJECT_NOT_FOUND', `Node ${session.node} has no operation ${id}.`, {
    suggestions: ['steep ops list'],
  });
};

export const operationStatus = (
  place: PlaceRequest,
  id: number,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<OperationReport>> =>
  withQueue(place, true, runtime, (session) => oneOf(session, id));

/** As cancel_work() of steep_repl. */
export const cancelOperation = (
  place: PlaceRequest,
  id: number,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<OperationReport>> =>
  withQueue(place, false, runtime, async (session) => {
    await oneOf(session, id);
    await cancelWork(session, id);
    return oneOf(session, id);
  });

export interface OperationLog extends Pick<OperationReport, 'id' | 'runIds'> {
  readonly lines: readonly OperationLine[];
}

export const operationLog = (
  place: PlaceRequest,
  id: number,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<OperationLog>> =>
  withQueue(place, true, runtime, async (session) => {
    const { runIds } = await oneOf(session, id);
    return { id, runIds, lines: await readOperationLog(session, { id, runIds }) };
  });

/** @returns how many operations were deleted. */
export const purgeOperations = (
  place: PlaceRequest,
  olderThanMs: number,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<{ readonly node: string; readonly purged: number }>> =>
  withQueue(place, false, runtime, async (session, node) => ({
    node,
    purged: await purgeWork(session, olderThanMs),
  }));

export interface WaitRequest {
  readonly id: number;
  /** Null: as long as it takes. */
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal;
}

/** Until the operation is over, or the time is. @throws SteepError INTERRUPTED. */
export const waitForOperation = (
  place: PlaceRequest,
  { id, timeoutMs, signal }: WaitRequest,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<OperationReport>> =>
  withQueue(place, false, runtime, async (session) => {
    const wakeup = createWakeup();
    signal.addEventListener('abort', wakeup.wake);
    await session.listen('steep_repl_work', wakeup.wake);
    const deadline = timeoutMs === null ? Number.POSITIVE_INFINITY : runtime.clock() + timeoutMs;
    for (;;) {
      const found = await oneOf(session, id);
      if (signal.aborted) throw interruption(signal, null);
      if (isOver(found) || runtime.clock() >= deadline) return found;
      await delay(lookAtMostEvery);
      await wakeup.wokenWithin(Math.min(lookEvery, deadline - runtime.clock()));
    }
  });
