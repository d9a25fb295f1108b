// What this topology needs of the roles on a node: tables to own, tables to read, slots, subscriptions.
// Rights are judged by it, and grants are written from it.

import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { PublicationSpec, ResourceOf } from '../../model/state/resource.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { effectiveTables } from '../complete/published-tables.ts';
import { isKind } from '../context/context.ts';
import { copiesRows } from '../facts/manual-init.ts';
import { type DoctorContext, incoming, subscriptionsFrom } from './context.ts';

export interface Needs {
  readonly publications: readonly ResourceOf<'publication'>[];
  /** Published, or given a replica identity: PostgreSQL asks for their owner. Sorted. */
  readonly publishedTables: readonly QualifiedName[];
  /** TABLES IN SCHEMA. */
  readonly publishesSchemas: boolean;
  readonly incoming: readonly DesiredSubscription[];
  readonly outgoing: readonly DesiredSubscription[];
  /** Tables here that subscriptions fill. Sorted. */
  readonly targetTables: readonly QualifiedName[];
  /** Of those, the ones that get an initial copy. Sorted. */
  readonly filledTables: readonly QualifiedName[];
  /** Tables here that subscribers copy. Sorted. */
  readonly copiedTables: readonly QualifiedName[];
}

const unique = (names: readonly QualifiedName[]): readonly QualifiedName[] =>
  [...new Map(names.map((name) => [formatName(name), name])).values()].sort(compareNames);

/** What the publications of a subscription send, by the names that both ends share. */
const sentBy = (sub: DesiredSubscription, context: DoctorContext): readonly QualifiedName[] => {
  const specs: readonly PublicationSpec[] = context.resources
    .filter(isKind('publication'))
    .filter(({ node, name }) => node === sub.source && sub.publications.includes(name))
    .map(({ spec }) => spec);
  return effectiveTables(specs, context.tables.get(sub.source) ?? new Map()).map(
    ({ table }) => table,
  );
};

export const needsOf = (node: NodeFacts, context: DoctorContext): Needs => {
  const name = node.state.node;
  const resources = context.resources.filter((resource) => resource.node === name);
  const publications = resources.filter(isKind('publication'));
  const identities = resources.filter(isKind('identity')).map(({ spec }) => spec.table);
  const own = context.tables.get(name);
  const [subscribed, sources] = [incoming(node, context), subscriptionsFrom(node, context)];
  const here = (subs: readonly DesiredSubscription[]): readonly QualifiedName[] =>
    unique(subs.flatMap((sub) => sentBy(sub, context))).filter((table) =>
      own?.has(formatName(table)),
    );
  const copied = sources.filter((sub) => copiesRows(sub, true));
  return {
    publications,
    publishedTables: unique([
      ...publications.flatMap(({ spec }) => spec.tables.map(({ table }) => table)),
      ...identities,
    ]),
    publishesSchemas: publications.some(({ spec }) => spec.schemas.length > 0),
    incoming: subscribed,
    outgoing: sources,
    targetTables: here(subscribed),
    filledTables: here(subscribed.filter((sub) => copiesRows(sub, true))),
    copiedTables: unique(copied.flatMap((sub) => sentBy(sub, context))),
  };
};
