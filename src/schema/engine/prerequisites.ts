// What tables depend on (schemas, types, sequences), created first: so that a table is created as a whole, instead of
// column by column.

import { buildFactBase, encodeId, type Fact, type FactBase } from '@supabase/pg-delta';
import { isNeed } from './scope.ts';

const prerequisites: ReadonlySet<string> = new Set([
  'schema',
  'extension',
  'collation',
  'domain',
  'type',
  'typeAttribute',
  'sequence',
]);

/** A constraint may belong to a domain, too. */
const isPrerequisite = (base: FactBase, { id, parent }: Fact): boolean =>
  prerequisites.has(id.kind) ||
  (id.kind === 'constraint' && parent !== undefined && base.get(parent)?.id.kind === 'domain');

/** A sequence is given to its column once that exists. */
const unowned = (fact: Fact): Fact =>
  fact.id.kind === 'sequence' ? { ...fact, payload: { ...fact.payload, ownedBy: null } } : fact;

const needsOnlyPrerequisites = (base: FactBase, fact: Fact): boolean =>
  base
    .outgoingEdges(fact.id)
    .filter(isNeed)
    .every(({ to }) => {
      const needed = base.get(to);
      return needed === undefined || fact.id.kind === 'sequence' || isPrerequisite(base, needed);
    });

/** What there is now, with the prerequisites of what is wanted. */
export const withPrerequisites = (current: FactBase, wanted: FactBase): FactBase => {
  const added = wanted
    .facts()
    .filter(
      (fact) =>
        !current.has(fact.id) &&
        isPrerequisite(wanted, fact) &&
        needsOnlyPrerequisites(wanted, fact),
    )
    .map(unowned);
  const facts = [...current.facts(), ...added];
  const present = new Set(facts.map(({ id }) => encodeId(id)));
  const whole = facts.filter(({ parent }) => parent === undefined || present.has(encodeId(parent)));
  const edges = [...current.edges, ...wanted.edges.filter(({ from }) => !current.has(from))].filter(
    ({ from, to }) => present.has(encodeId(from)) && present.has(encodeId(to)),
  );
  return buildFactBase(whole, edges);
};
