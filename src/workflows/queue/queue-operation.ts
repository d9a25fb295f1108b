// --queue: instead of running a command, adds the operation to the queue of its node.

import { type Queued, queueWork } from '../../metadata/queue/queue-work.ts';
import type { ReadResult } from '../../model/report/read-result.ts';
import type { PlaceRequest } from '../primitives/place.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { withQueue } from './ops.ts';

export interface QueuedReport {
  readonly outcome: 'queued';
  readonly node: string;
  readonly operation: string;
  readonly id: number;
}

/** @throws SteepError USAGE, METADATA_OUTDATED, PRIVILEGE for a role that may not queue this operation. */
export const queueOperation = (
  place: PlaceRequest,
  queued: Queued,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<QueuedReport>> =>
  withQueue(place, false, runtime, async (session, node) => ({
    outcome: 'queued',
    node,
    operation: queued.operation,
    id: await queueWork(session, node, queued),
  }));
