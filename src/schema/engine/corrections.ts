// What the DDL engine does not read of a database, or reads as it was written once, put into its definitions: defaults of
// domains, the locale and the rules of collations, and that a multirange comes with its range.

import {
  buildFactBase,
  type DependencyEdge,
  encodeId,
  type Fact,
  type FactBase,
} from '@supabase/pg-delta';
import { elementOf } from '../../model/schema/type-widening.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** The same definitions, as this database has them. */
export const corrected = async (session: Session, base: FactBase): Promise<FactBase> => {
  const rows = await session.query<PayloadRow>(sql`
    SELECT 'domain' AS kind, n.nspname::text AS schema, t.typname::text AS name,
           pg_catalog.json_build_object('default', pg_catalog.pg_get_expr(t.typdefaultbin, 0)) AS payload
      FROM pg_catalog.pg_type AS t
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
     WHERE t.typtype = 'd' AND t.typdefaultbin IS NOT NULL
     UNION ALL
    SELECT 'collation', n.nspname, l.collname, pg_catalog.json_build_object(
             'locale', COALESCE(l.fields ->> 'colllocale', l.fields ->> 'colliculocale', l.fields ->> 'collcollate'),
             'rules', l.fields ->> 'collicurules')
      FROM (SELECT l.collname, l.collnamespace, pg_catalog.to_jsonb(l) AS fields
              FROM pg_catalog.pg_collation AS l WHERE l.oid >= 16384 AND l.collprovider <> 'c') AS l
      JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace
     ORDER BY 1, 2, 3`);
  const payloads = new Map(
    rows.map(({ kind, schema, name, payload }) => [encodeId({ kind, schema, name }), payload]),
  );
  const facts = base.facts().map((fact) => {
    const payload = payloads.get(encodeId(fact.id));
    return payload === undefined ? fact : { ...fact, payload: { ...fact.payload, ...payload } };
  });
  return buildFactBase(facts, [...base.edges, ...multirangeEdges(facts)]);
};

interface PayloadRow {
  readonly kind: 'domain' | 'collation';
  readonly schema: string;
  readonly name: string;
  readonly payload: Fact['payload'];
}

/** The engine knows no multirange: what is of one needs the range that makes it. */
const multirangeEdges = (facts: readonly Fact[]): readonly DependencyEdge[] => {
  const ranges = new Map(
    facts.flatMap(({ id, payload }) =>
      typeof payload.multirangeTypeName === 'string'
        ? [[payload.multirangeTypeName, id] as const]
        : [],
    ),
  );
  if (ranges.size === 0) return [];
  return facts.flatMap(({ id, payload }) => {
    const type = payload.type ?? payload.baseType;
    const range = typeof type === 'string' ? ranges.get(elementOf(type)) : undefined;
    return range === undefined ? [] : [{ from: id, to: range, kind: 'depends' as const }];
  });
};
