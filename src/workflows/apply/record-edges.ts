// Notes what the edges are whose tables are copied, at the end of an apply: with it a later look tells whether a table, a
// partition or a slot was replaced since. What shows such a gap stays on record until the tables are copied again.

import { edgeRecordsSince } from '../../catalog/metadata/read-edge-records.ts';
import { markSlotStatistics, storeEdgeRecord } from '../../metadata/edge-records.ts';
import type { EdgeRecord } from '../../model/edge/edge-record.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState } from '../../model/state/state.ts';
import {
  edgeAsIs,
  managedSubscriptions,
  recordOf,
  renewedRecord,
} from '../../planner/facts/edge-gaps.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { OpenNodes } from '../nodes.ts';

type Subscription = ResourceOf<'subscription'>;

interface Noting {
  readonly sub: Subscription;
  readonly noted: EdgeRecord;
}

/** Of subscribers whose steep_repl has a place for it. */
const notingsIn = (live: LiveState): readonly Noting[] =>
  managedSubscriptions(live).flatMap((sub) => {
    const now = edgeAsIs(sub, live);
    const version = live.nodes[sub.node]?.server.metadataVersion ?? 0;
    if (now === null || version < edgeRecordsSince) return [];
    const gaps = live.edgeGaps?.[sub.address] ?? [];
    return [{ sub, noted: renewedRecord(recordOf(sub, live), now, gaps) }];
  });

/** Resets the counters of slots that steep manages, where they never were: before the reading that is noted. */
export const markSlots = async (live: LiveState, { sessions }: OpenNodes): Promise<void> => {
  for (const { noted } of notingsIn(live)) {
    const session = sessions.get(noted.source);
    if (noted.slot === null || noted.slot.resetAt !== null || session === undefined) continue;
    await markSlotStatistics(session, noted.slot.name);
  }
};

/** @throws SteepError when a node goes away, or does not let it write. */
export const recordEdges = async (live: LiveState, nodes: OpenNodes): Promise<void> => {
  for (const { sub, noted } of notingsIn(live)) {
    const metadata = nodes.metadata.get(sub.node);
    if (metadata === undefined) continue;
    try {
      await storeEdgeRecord(metadata, sub.address, noted);
    } catch (error) {
      throw toFailure(error, { node: sub.node, doing: 'taking note of its edges' });
    }
  }
};
