// What is on record of edges whose tables are copied, against what their ends have now.

import { readAlteredRows, readRewrittenRows } from '../../catalog/objects/read-rewritten-rows.ts';
import { readRowsBeforeAttach } from '../../catalog/objects/read-rows-before-attach.ts';
import type { EdgeGap } from '../../model/edge/edge-record.ts';
import type { Address } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { indexTables } from '../../planner/context/context.ts';
import {
  alteredSince,
  attachedSince,
  edgeGaps,
  managedSubscriptions,
  otherFilesSince,
  recordOf,
} from '../../planner/facts/edge-gaps.ts';
import { asWanted } from '../../planner/facts/records/altered-publications.ts';
import { edgeAsIs } from '../../planner/facts/records/edge-as-is.ts';
import { recreatedByHand } from '../../planner/facts/records/recreated-subscription.ts';
import { uncopiedTables } from '../../planner/facts/uncopied-tables.ts';
import { liveFaults, newFaults } from '../../planner/hazards/edge/live-faults.ts';
import type { Session } from '../../postgres/session.ts';
import type { OpenNodes } from '../nodes.ts';

type Subscription = ResourceOf<'subscription'>;

const gapsOf = async (
  sub: Subscription,
  live: LiveState,
  sessions: ReadonlyMap<string, Session>,
  desired: DesiredState,
): Promise<readonly EdgeGap[]> => {
  const noted = recordOf(sub, live);
  const now = edgeAsIs(sub, live);
  if (noted === undefined || now === null) return [];
  const faults = newFaults(live.edgeFaults?.[sub.address] ?? [], noted);
  const publisher = live.nodes[now.source];
  const session = sessions.get(now.source);
  if (publisher === undefined || session === undefined) return [];
  const joined = attachedSince(noted, now, publisher).map(({ name }) => name);
  const older = await readRowsBeforeAttach(session, joined);
  const others = otherFilesSince(noted, now, publisher).map(({ name }) => name);
  const rewritten = await readRewrittenRows(session, others);
  const altered = await readAlteredRows(session, alteredSince(noted, now, publisher));
  const aligned = desired.subscriptions.some(
    (it) => it.node === sub.node && it.name === sub.name && it.schemaSync === 'auto',
  );
  const asked = asWanted(noted, now, desired.publications);
  return [
    ...edgeGaps(asked, now, { older, rewritten, altered, aligned }, live, sub.node),
    ...recreatedByHand(sub, noted, now, live),
    ...faults,
  ];
};

const withFaults = (live: LiveState): LiveState => {
  const tables = indexTables(live);
  const found = managedSubscriptions(live).map(
    (sub) => [sub.address, liveFaults(sub, live, tables)] as const,
  );
  const edgeFaults = Object.fromEntries(found.filter(([, faults]) => faults.length > 0));
  return Object.keys(edgeFaults).length === 0 ? live : { ...live, edgeFaults };
};

/** Adds to the state what is missing on subscribers, or left there, or will be, as far as it is known. */
export const readEdgeGaps = async (
  read: LiveState,
  { sessions }: OpenNodes,
  desired: DesiredState,
): Promise<LiveState> => {
  const live = withFaults(read);
  const found: Record<Address, readonly EdgeGap[]> = {};
  for (const sub of managedSubscriptions(live)) {
    const gaps = [
      ...(await gapsOf(sub, live, sessions, desired)),
      ...uncopiedTables(sub, live, desired),
    ];
    if (gaps.length > 0) found[sub.address] = gaps;
  }
  return Object.keys(found).length === 0 ? live : { ...live, edgeGaps: found };
};
