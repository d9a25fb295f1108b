// Reads what a snapshot is taken of: the database, and the tables that were asked for.

import type { QualifiedName } from '../../model/identifier.ts';
import type { SnapshotSource } from '../../model/snapshot/snapshot.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { timelineNow } from '../server/read-server.ts';

export const readSnapshotSource = async (session: Session): Promise<SnapshotSource> => {
  const [row] = await session.query<SourceRow>(sql`
    SELECT c.system_identifier::text AS "systemIdentifier", ${timelineNow} AS timeline,
           d.datname::text AS database, pg_catalog.pg_encoding_to_char(d.encoding)::text AS encoding
      FROM pg_catalog.pg_control_system() AS c
     CROSS JOIN pg_catalog.pg_control_checkpoint() AS k
      JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
     ORDER BY d.datname`);
  if (row === undefined) throw new Error('The server answered a query of one row with none.');
  return { node: session.node, ...row, serverVersion: session.serverVersion };
};

type SourceRow = Omit<SnapshotSource, 'node' | 'serverVersion'>;

/** As the subscriptions to these publications would list them. */
export const readPublishedTables = (
  session: Session,
  publications: readonly string[],
): Promise<readonly QualifiedName[]> =>
  session.query<QualifiedName>(sql`
    SELECT DISTINCT p.schemaname::text AS schema, p.tablename::text AS name
      FROM pg_catalog.pg_publication_tables AS p
     WHERE p.pubname = ANY (${publications}::name[])
     ORDER BY 1, 2`);

/** The publications of these that are not there. */
export const readMissingPublications = async (
  session: Session,
  publications: readonly string[],
): Promise<readonly string[]> => {
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT w.name FROM pg_catalog.unnest(${publications}::text[]) AS w (name)
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.pubname = w.name)
     ORDER BY w.name`);
  return rows.map(({ name }) => name);
};

/**
 * Tables that hold rows of users, partitioned ones as a whole; of these schemas, or of all. Not those of extensions,
 * which CREATE EXTENSION fills, nor what does not outlive a crash.
 */
export const readUserTables = (
  session: Session,
  schemas: readonly string[] | null,
): Promise<readonly QualifiedName[]> =>
  session.query<QualifiedName>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
       AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'steep_repl')
       AND (${schemas}::text[] IS NULL OR n.nspname = ANY (${schemas}::text[]))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                          AND d.deptype = 'e')
     ORDER BY n.nspname, c.relname`);

/** These, and the partitions in which their rows are stored. */
export const readWithPartitions = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly QualifiedName[]> =>
  session.query<QualifiedName>(sql`
    WITH RECURSIVE tree (oid) AS (
      SELECT c.oid
        FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                        pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
      UNION
      SELECT h.inhrelid FROM tree AS r
        JOIN pg_catalog.pg_class AS p ON p.oid = r.oid AND p.relkind = 'p'
        JOIN pg_catalog.pg_inherits AS h ON h.inhparent = r.oid)
    SELECT n.nspname::text AS schema, c.relname::text AS name
      FROM tree AS r
      JOIN pg_catalog.pg_class AS c ON c.oid = r.oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     ORDER BY n.nspname, c.relname`);
