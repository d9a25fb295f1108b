// What is copied from and to a node: what the role of its replication_connection, and a role that only plans, may read.

import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { PublicationSpec } from '../../model/state/resource.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { effectiveTables } from '../complete/published-tables.ts';
import { isKind } from '../context/context.ts';
import { copiesRows } from '../facts/manual-init.ts';
import { type DoctorContext, incoming, subscriptionsFrom } from './context.ts';

export interface Needs {
  readonly incoming: readonly DesiredSubscription[];
  readonly outgoing: readonly DesiredSubscription[];
  /** Tables here that get an initial copy. Sorted. */
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
  const own = context.tables.get(node.state.node);
  const [subscribed, sources] = [incoming(node, context), subscriptionsFrom(node, context)];
  const sent = (subs: readonly DesiredSubscription[]): readonly QualifiedName[] =>
    unique(subs.filter((sub) => copiesRows(sub, true)).flatMap((sub) => sentBy(sub, context)));
  return {
    incoming: subscribed,
    outgoing: sources,
    filledTables: sent(subscribed).filter((table) => own?.has(formatName(table))),
    copiedTables: sent(sources),
  };
};
