// Publications that were dropped and created again while PostgreSQL copied tables: the walsender of such a copy may then leave
// out changes, without an error.

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

const makesPublication = /^(create|replace)-publication$/;

const gapsOf = (sub: Subscription, { before, now, steps }: Looks): readonly EdgeGap[] => {
  const edge = edgeAsIs(sub, now);
  const waits = steps.some((step) => step.kind === 'wait-for-copy' && step.address === sub.address);
  if (edge === null || !waits) return [];
  const created = new Set(
    steps.filter(({ kind }) => makesPublication.test(kind)).map(({ address }) => address),
  );
  const oids = oidsOf(before.nodes[edge.source]);
  const isReplaced = ([name, [oid]]: readonly [string, readonly number[]]): boolean => {
    const known = oids.get(name);
    const byPlan = created.has(addressOf(edge.source, 'publication', name));
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

/** By subscription, the gaps that only two looks show, between which the steps were run. */
export const replacedMeanwhile = (looks: Looks): NonNullable<LiveState['edgeGaps']> =>
  Object.fromEntries(
    managedSubscriptions(looks.now).flatMap((sub) => {
      const gaps = gapsOf(sub, looks);
      return gaps.length === 0 ? [] : [[sub.address, gaps] as const];
    }),
  );

/** With gaps that no single look shows. */
export const withGaps = (live: LiveState, more: NonNullable<LiveState['edgeGaps']>): LiveState => {
  const joined = Object.entries(more).map(
    ([address, gaps]) => [address, [...(live.edgeGaps?.[address] ?? []), ...gaps]] as const,
  );
  return { ...live, edgeGaps: { ...live.edgeGaps, ...Object.fromEntries(joined) } };
};
