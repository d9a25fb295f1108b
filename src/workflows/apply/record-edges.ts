// Notes what the edges are whose tables are copied, at the end of an apply: with it a later look tells whether a table, a
// partition or a slot was replaced since. What shows such a gap stays on record until the tables are copied again.

import { edgeRecordsSince } from '../../catalog/metadata/read-edge-records.ts';
import { markSlotStatistics, storeEdgeRecord } from '../../metadata/edge-records.ts';
import type { EdgeRecord } from '../../model/edge/edge-record.ts';
import { formatName } from '../../model/identifier.ts';
import type { PlannedStep } from '../../model/plan/plan.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState } from '../../model/state/state.ts';
import { copiedSince } from '../../planner/facts/copied-since.ts';
import { managedSubscriptions, recordOf } from '../../planner/facts/edge-gaps.ts';
import { edgeAsIs } from '../../planner/facts/records/edge-as-is.ts';
import { renewedRecord } from '../../planner/facts/records/renewed-record.ts';
import { acceptedFaults } from '../../planner/hazards/edge/live-faults.ts';
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

/**
 * Resets the counters of slots that steep manages, where they never were: before the reading that is noted. Whether a
 * slot may have been.
 */
export const markSlots = async (live: LiveState, { sessions }: OpenNodes): Promise<boolean> => {
  let marked = false;
  for (const { noted } of notingsIn(live)) {
    const session = sessions.get(noted.source);
    if (noted.slot === null || noted.slot.resetAt !== null || session === undefined) continue;
    await markSlotStatistics(session, noted.slot.name);
    marked = true;
  }
  return marked;
};

/** By subscription, tables whose sequences a part of a plan has left behind. */
export type LeftBehind = (sub: Subscription) => ReadonlySet<string>;

/** Of a whole plan nothing is left. */
export const nothingLeft: LeftBehind = () => new Set();

/** Of a part: what was copied since the last note, less what its steps have brought. */
export const leftBy =
  (steps: readonly PlannedStep[], live: LiveState): LeftBehind =>
  (sub) => {
    const brought = new Set(
      steps.flatMap((step) =>
        step.kind === 'advance-sequences' && step.address === sub.address
          ? step.tables.map(formatName)
          : [],
      ),
    );
    // What has come without its rows is copied again, and its sequences then.
    const uncopied = new Set(
      (live.edgeGaps?.[sub.address] ?? []).flatMap((gap) =>
        gap.kind === 'uncopied' ? [formatName(gap.table)] : [],
      ),
    );
    const copied = copiedSince(sub, live).map(({ spec }) => formatName(spec.table));
    return new Set(copied.filter((table) => !brought.has(table) && !uncopied.has(table)));
  };

/**
 * A table that is left behind is not noted: a table that no record has tells the next plan to set its sequences.
 * @param allowed keys of the hazards that the run was allowed
 * @throws SteepError when a node goes away, or does not let it write.
 */
export const recordEdges = async (
  live: LiveState,
  nodes: OpenNodes,
  leftBehind: LeftBehind = nothingLeft,
  allowed: ReadonlySet<string> = new Set(),
): Promise<void> => {
  for (const { sub, noted: all } of notingsIn(live)) {
    const left = leftBehind(sub);
    const faults = live.edgeFaults?.[sub.address] ?? [];
    const noted = {
      ...all,
      tables: all.tables.filter(({ table }) => !left.has(table)),
      accepted: acceptedFaults(recordOf(sub, live), faults, allowed),
    };
    const metadata = nodes.metadata.get(sub.node);
    if (metadata === undefined) continue;
    try {
      await storeEdgeRecord(metadata, sub.address, noted);
    } catch (error) {
      throw toFailure(error, { node: sub.node, doing: 'taking note of its edges' });
    }
  }
};
