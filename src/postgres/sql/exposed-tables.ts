// Which tables roles that are not trusted could change while their rows are stored or read, and the lock against that.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../session.ts';
import { isOtherRole } from '../trusted-roles.ts';
import { lockTables } from './named-tables.ts';
import { sql } from './sql.ts';

/** The OIDs of such tables, by formatName. */
export type Exposed = ReadonlyMap<string, number>;

/**
 * Those of the tables that a role which is not trusted owns, or a partition of which it owns; and that the session's role
 * may lock in SHARE UPDATE EXCLUSIVE mode, which no standby allows. As of now, whatever the snapshot of the transaction shows.
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
     WHERE NOT pg_catalog.pg_is_in_recovery() AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
       AND (${isOtherRole(session, sql`c.relowner`)} OR EXISTS (
             SELECT FROM pg_catalog.pg_partition_tree(c.oid) AS p
               JOIN pg_catalog.pg_class AS l ON l.oid = p.relid
              WHERE ${isOtherRole(session, sql`l.relowner`)}))
     ORDER BY t.label`);
  return new Map(rows.map(({ name, oid }) => [name, oid]));
};

/**
 * Until the end of the transaction no role that is not trusted creates an index, statistics or a partition on these tables:
 * PostgreSQL runs their functions while it plans a query. Waits for nobody. Rows are read and written meanwhile.
 * @throws SteepError TABLE_REPLACED; pg's error where such a lock is not to be had at once.
 */
export const lockDefinitions = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<void> => {
  const exposed = await readExposed(session, tables);
  const names = tables.filter((table) => exposed.has(formatName(table)));
  await lockTables(session, names, 'SHARE UPDATE EXCLUSIVE', { nowait: true });
};
