// The order in which the tables of a node are locked. Who inserts a row holds its table, and then asks for those that the row
// refers to: locked in the other order, such a writer and the merge would wait for each other, and PostgreSQL would end one.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

interface Reference {
  readonly from: string;
  readonly to: string;
}

/** Tables that refer to others before those; otherwise as they are given. */
export const inLockOrder = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly QualifiedName[]> => {
  const references = (await readReferences(session, tables)).filter(({ from, to }) => from !== to);
  const left = [...tables];
  const ordered: QualifiedName[] = [];
  while (left.length > 0) {
    const names = new Set(left.map(formatName));
    const free = left.findIndex(
      (table) => !references.some(({ from, to }) => to === formatName(table) && names.has(from)),
    );
    // In a circle there is no such order.
    ordered.push(...left.splice(Math.max(free, 0), 1));
  }
  return ordered;
};

const readReferences = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly Reference[]> => {
  const rows = await session.query<{
    readonly from: QualifiedName;
    readonly to: QualifiedName;
  }>(sql`
    SELECT pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname) AS from,
           pg_catalog.json_build_object('schema', tn.nspname, 'name', tc.relname) AS to
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])) AS t (schema, name)
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
      JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'f'
      JOIN pg_catalog.pg_class AS tc ON tc.oid = k.confrelid
      JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace`);
  return rows.map(({ from, to }) => ({ from: formatName(from), to: formatName(to) }));
};
