// The rows of steep_repl.schema_fingerprints: what the tables of nodes were when they were last captured.

import type { QualifiedName } from '../model/identifier.ts';
import type { CapturedTable } from '../model/schema/schema-fingerprint.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';

/**
 * Which rows of a node the new ones are in place of: all, those of some schemas, or those of some tables, also of
 * tables that are not there any more.
 */
export interface Replaced {
  readonly schemas: readonly string[] | null;
  readonly tables: readonly QualifiedName[] | null;
}

/** In one transaction: who compares meanwhile sees the old rows, or the new ones. */
export const storeFingerprints = (
  session: Session,
  node: string,
  tables: readonly CapturedTable[],
  replaced: Replaced,
): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(sql`
      DELETE FROM steep_repl.schema_fingerprints AS f
       WHERE f.node_id = ${node} AND ${isReplaced(replaced)}`);
    await session.query(sql`
      INSERT INTO steep_repl.schema_fingerprints AS f
             (node_id, table_schema, table_name, fingerprint, replication_fingerprint, column_count, definition)
      SELECT ${node}, c.*
        FROM ROWS FROM (
             pg_catalog.unnest(${tables.map(({ name }) => name.schema)}::text[]),
             pg_catalog.unnest(${tables.map(({ name }) => name.name)}::text[]),
             pg_catalog.unnest(${tables.map(({ strict }) => strict)}::text[]),
             pg_catalog.unnest(${tables.map(({ replication }) => replication)}::text[]),
             pg_catalog.unnest(${tables.map(({ columnCount }) => columnCount)}::integer[]),
             pg_catalog.unnest(${tables.map(({ document }) => document)}::jsonb[])) AS c
          ON CONFLICT (node_id, table_schema, table_name) DO UPDATE
         SET fingerprint = EXCLUDED.fingerprint, replication_fingerprint = EXCLUDED.replication_fingerprint,
             column_count = EXCLUDED.column_count, definition = EXCLUDED.definition, captured_at = pg_catalog.now()`);
  });

const isReplaced = ({ schemas, tables }: Replaced): Sql => {
  if (tables !== null) {
    return sql`(f.table_schema, f.table_name) IN (SELECT * FROM ROWS FROM (
        pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
        pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t)`;
  }
  return schemas === null ? sql`TRUE` : sql`f.table_schema = ANY (${schemas}::text[])`;
};
