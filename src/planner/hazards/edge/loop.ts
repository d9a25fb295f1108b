// Two-way replication that would echo indefinitely, seen on the live servers: also with subscriptions that steep does
// not manage.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { have, isKind, type PlanContext, want } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

const echoes = (sub: Subscription): boolean => sub.spec.options.origin !== 'none';

/** The tables that it is sent, with their partitioned tables: a partition may come back by its root. */
const familiesSent = (sub: Subscription, context: PlanContext): ReadonlySet<string> => {
  const { source, publications } = sub.spec;
  const tables = context.tables.get(source ?? '') ?? new Map<string, Table>();
  const specs = publications.flatMap(
    (name) =>
      (
        want(context, 'publication', source ?? '', name) ??
        have(context, 'publication', source ?? '', name)
      )?.spec ?? [],
  );
  const rootOf = (table: QualifiedName): string => {
    const parent = tables.get(formatName(table))?.parent ?? null;
    return parent === null ? formatName(table) : rootOf(parent);
  };
  return new Set(effectiveTables(specs, tables).map(({ table }) => rootOf(table)));
};

/** A block for each desired edge that an unmanaged subscription answers in the other direction. */
export const loopHazards = (context: PlanContext): readonly FoundHazard[] => {
  const desired = [...context.want.values()].filter(isKind('subscription'));
  const foreign = [...context.have.values()]
    .filter(isKind('subscription'))
    .filter((sub) => want(context, 'subscription', sub.node, sub.name) === undefined);
  return desired.flatMap((sub) => {
    const sent = familiesSent(sub, context);
    const back = foreign.find(
      (other) =>
        other.node === sub.spec.source &&
        other.spec.source === sub.node &&
        [...familiesSent(other, context)].some((table) => sent.has(table)),
    );
    if (back === undefined || (!echoes(sub) && !echoes(back))) return [];
    return [
      hazard(
        'block',
        'LOOP',
        sub.address,
        `Subscription ${back.name} on node ${back.node}, which is not in steep.yaml, replicates in the other direction: without origin = none on both, changes loop indefinitely.`,
        'Set options: { origin: none } on both (PostgreSQL 16 and later), or drop one of them.',
      ),
    ];
  });
};
