// What a subscriber keeps of its own in a definition that is published to it, and what it does without.

import { encodeId, type Fact, type StableId } from '@supabase/pg-delta';

type Value = Fact['payload'][string] | undefined;

/** What has a collation: the engine would drop it and make it again, with none of its values. */
const collated: ReadonlySet<string> = new Set(['column', 'typeAttribute', 'domain']);

/** The options of an identity column that both have: where two nodes write, they differ on purpose. */
const identityOf = ({ payload }: Fact, own: Fact): Fact['payload'] => {
  const [there, here] = [payload.identity, own.payload.identity];
  if (!isMapping(there) || !isMapping(here)) return {};
  return { identity: { ...here, generation: there.generation ?? null } };
};

const isMapping = (value: Value): value is Extract<Value, { readonly [key: string]: unknown }> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A collation changes no value, and stays as it is. */
export const keepingOwn = (fact: Fact, own: Fact | undefined): Fact => {
  if (own === undefined || !collated.has(fact.id.kind)) return fact;
  const collation = own.payload.collation ?? null;
  return { ...fact, payload: { ...fact.payload, collation, ...identityOf(fact, own) } };
};

/**
 * Of a table that the subscriber lacks. FULL and NOTHING concern what a publisher sends; an index is also that by which a
 * subscriber finds the rows of an UPDATE or DELETE, and may be the only one.
 * @param ids encoded, of all that is made with the table.
 */
export const withoutSending = (table: Fact, ids: ReadonlySet<string>): Fact => {
  const { replicaIdentityIndex: index } = table.payload;
  if (typeof index === 'string' && indexIds(table, index).some((id) => ids.has(encodeId(id)))) {
    return table;
  }
  return {
    ...table,
    payload: { ...table.payload, replicaIdentity: 'd', replicaIdentityIndex: null },
  };
};

/** By itself, or of a constraint. */
const indexIds = ({ id }: Fact, name: string): readonly StableId[] =>
  id.kind === 'table'
    ? [
        { kind: 'index', schema: id.schema, name },
        { kind: 'constraint', schema: id.schema, table: id.name, name },
      ]
    : [];
