// Tables that a subscription took in without their rows. By hand: REFRESH WITH (copy_data = false), or SET PUBLICATION to
// another publication and back. Or beside steep: REFRESH reads the list of tables from the publisher without a lock, and the
// run that leaves out the tables to copy again may have been killed before it compared what came of it.

import type { EdgeGap } from '../../model/edge/edge-record.ts';
import { formatName } from '../../model/identifier.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, DesiredSubscription, LiveState } from '../../model/state/state.ts';
import { copiedSince } from './copied-since.ts';
import { liveCopies } from './edges.ts';

type Subscription = ResourceOf<'subscription'>;
type Copy = ResourceOf<'copy'>;

/** It reads publications that leave out tables. */
const isAside = ({ address, spec }: Subscription, { nodes }: LiveState): boolean =>
  (nodes[spec.source ?? '']?.applied ?? []).some(
    (row) =>
      row.kind === 'publication' &&
      row.temporaryFor === address &&
      row.without !== undefined &&
      spec.publications.includes(row.name),
  );

/** Those that count as copied, and that it did not know when it began to leave out others. */
const beside = (sub: Subscription, live: LiveState): readonly Copy[] => {
  const row = live.nodes[sub.node]?.applied.find(({ address }) => address === sub.address);
  const known = row?.kind === 'subscription' ? row.knownTables : undefined;
  if (known === undefined || !isAside(sub, live)) return [];
  const names = new Set(known.map(formatName));
  return liveCopies(sub, live).filter(
    ({ spec }) => spec.state === 'ready' && !names.has(formatName(spec.table)),
  );
};

/** Its tables are there already, or come from the other node of its pair: steep itself takes them in without a copy. */
const leavesRows = ({ init, pair }: DesiredSubscription): boolean =>
  init === 'none' || init === 'merge' || pair?.way === 'back';

/** PostgreSQL notes where a copy of its own has ended, and steep copies no table into a subscription that is on record. */
const byHand = (sub: Subscription, live: LiveState, desired: DesiredState): readonly Copy[] => {
  const asked = desired.subscriptions.find(
    ({ node, name }) => node === sub.node && name === sub.name,
  );
  if (asked === undefined || leavesRows(asked)) return [];
  const tables = live.nodes[asked.source]?.tables ?? [];
  const empty = new Set(
    tables.flatMap(({ name, hasRows }) => (hasRows === false ? [formatName(name)] : [])),
  );
  return copiedSince(sub, live).filter(
    ({ spec, observed }) => observed?.syncLsn === null && !empty.has(formatName(spec.table)),
  );
};

/** By what is noted of the edge, and of a run that leaves out tables. */
export const uncopiedTables = (
  sub: Subscription,
  live: LiveState,
  desired: DesiredState,
): readonly EdgeGap[] => {
  const found = [...beside(sub, live), ...byHand(sub, live, desired)];
  const tables = new Map(found.map(({ spec }) => [formatName(spec.table), spec.table]));
  return [...tables.values()].map((table) => ({ kind: 'uncopied', table }) as const);
};
