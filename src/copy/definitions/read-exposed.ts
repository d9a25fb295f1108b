// Which tables roles that are not trusted could change while rows are stored in them.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { isTrustedRole } from '../../postgres/trusted-roles.ts';

/** The OIDs of such tables, by formatName. */
export type Exposed = ReadonlyMap<string, number>;

/**
 * Those of the tables that a role which is not trusted owns, or a partition of which it owns; and that the session's role
 * may lock in SHARE UPDATE EXCLUSIVE mode. As of now, whatever the snapshot of the transaction shows.
 */
export const readExposed = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<Exposed> => {
  if (tables.length === 0) return new Map();
  const rows = await session.query<{ readonly name: string; readonly oid: number }>(sql`
    SELECT t.label AS name, c.oid
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[]),
                      pg_catalog.unnest(${tables.map(formatName)}::text[])) AS t (schema, name, label)
      JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(
             pg_catalog.quote_ident(t.schema) || '.' || pg_catalog.quote_ident(t.name))
     WHERE pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
       AND (${isForeign(session, sql`c.relowner`)} OR EXISTS (
             SELECT FROM pg_catalog.pg_partition_tree(c.oid) AS p
               JOIN pg_catalog.pg_class AS l ON l.oid = p.relid
              WHERE ${isForeign(session, sql`l.relowner`)}))
     ORDER BY t.label`);
  return new Map(rows.map(({ name, oid }) => [name, oid]));
};

const isForeign = (session: Session, owner: Sql): Sql => sql`
  NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid = ${owner} AND ${isTrustedRole(session)})`;
