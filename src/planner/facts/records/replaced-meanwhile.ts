// Publications that were dropped and created again while PostgreSQL copied tables. The walsender of such a copy looks the
// publication up by its present name before it decodes changes that are older, and then sends none of them, without an error.

import type { EdgeGap } from '../../../model/edge/edge-record.ts';
import { formatName } from '../../../model/identifier.ts';
import type { PlannedStep } from '../../../model/plan/plan.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { LiveState, NodeState } from '../../../model/state/state.ts';
import { managedSubscriptions } from '../edge-gaps.ts';
import { liveCopies } from '../edges.ts';
import { edgeAsIs } from './edge-as-is.ts';

type Subscription = ResourceOf<'subscription'>;

interface Looks {
  readonly before: LiveState;
  readonly now: LiveState;
  readonly steps: readonly PlannedStep[];
}

const oidsOf = (state: NodeState | undefined): ReadonlyMap<string, number> =>
  new Map(
    (state?.resources ?? []).flatMap((it) =>
      it.kind === 'publication' && it.observed !== null ? [[it.name, it.observed.oid]] : [],
    ),
  );

const gapsOf = (sub: Subscription, { before, now, steps }: Looks): readonly EdgeGap[] => {
  const edge = edgeAsIs(sub, now);
  const waits = steps.some((step) => step.kind === 'wait-for-copy' && step.address === sub.address);
  if (edge === null || !waits) return [];
  const changed = new Set(steps.map(({ address }) => address));
  const oids = oidsOf(before.nodes[edge.source]);
  const isReplaced = ([name, [oid]]: readonly [string, readonly number[]]): boolean => {
    const known = oids.get(name);
    const byPlan = changed.has(addressOf(edge.source, 'publication', name));
    return known !== undefined && known !== oid && !byPlan;
  };
  const earlier = new Map(
    liveCopies(sub, before).map(({ spec, observed }) => [formatName(spec.table), observed?.row]),
  );
  const sentBy = new Map(
    edge.tables.flatMap((it) =>
      earlier.get(it.table) === it.copy ? [] : [[it.table, it.sentBy ?? {}]],
    ),
  );
  return liveCopies(sub, now).flatMap(({ spec: { table } }) => {
    const found = Object.entries(sentBy.get(formatName(table)) ?? {}).find(isReplaced);
    return found === undefined ? [] : [{ kind: 'unsent', table, publication: found[0] } as const];
  });
};

const tableOf = (gap: EdgeGap): string => ('table' in gap ? formatName(gap.table) : '');

/** The second of two looks, without the gaps that the first has shown. */
export const withUnseenGaps = (before: LiveState, now: LiveState): LiveState => {
  const unseen = Object.entries(now.edgeGaps ?? {}).map(([address, gaps]) => {
    const seen = new Set(before.edgeGaps?.[address]?.map((gap) => `${gap.kind} ${tableOf(gap)}`));
    return [address, gaps.filter((gap) => !seen.has(`${gap.kind} ${tableOf(gap)}`))] as const;
  });
  return { ...now, edgeGaps: Object.fromEntries(unseen) };
};

/** The second of two looks, with the gaps that only both of them show: between them the steps were run. */
export const withReplacedPublications = (looks: Looks): LiveState => {
  const found = managedSubscriptions(looks.now).map(({ address, ...sub }) => {
    const gaps = gapsOf({ address, ...sub }, looks);
    return [address, [...(looks.now.edgeGaps?.[address] ?? []), ...gaps]] as const;
  });
  return { ...looks.now, edgeGaps: { ...looks.now.edgeGaps, ...Object.fromEntries(found) } };
};
