// Reads what a node remembers of its own tables: its rows in steep_repl.schema_fingerprints, which came with version 2.

import type { QualifiedName } from '../model/identifier.ts';
import type { SchemaRoot } from '../model/schema/schema-fingerprint.ts';
import type { TableDefinition } from '../model/schema/table-definition.ts';
import type { TableRecord } from '../model/state/table-record.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';
import { rootOf } from './definition-query.ts';
import { type DefinitionDocument, parseDefinition } from './read-definitions.ts';

/** By schema and name. */
export const readRecords = async (
  session: Session,
  node: string,
): Promise<readonly TableRecord[]> => {
  const rows = await session.query<RecordRow>(sql`
    SELECT f.table_schema AS schema, f.table_name AS name, f.fingerprint AS strict,
           pg_catalog.to_char(f.captured_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "capturedAt",
           CASE WHEN f.definition ->> 'bound' IS NOT NULL THEN f.definition -> 'parents' -> 0 END AS parent,
           f.definition ->> 'partition_key' IS NOT NULL AS partitioned
      FROM steep_repl.schema_fingerprints AS f
     WHERE f.node_id = ${node}
     ORDER BY f.table_schema COLLATE "C", f.table_name COLLATE "C"`);
  return rows.map(({ schema, name, parent, ...rest }) => ({
    name: { schema, name },
    parent: parent === null ? null : { schema: parent[0], name: parent[1] },
    ...rest,
  }));
};

/** One row a schema of these tables, as readRoots() has it of what they are. */
export const readRecordedRoots = (
  session: Session,
  node: string,
  tables: readonly QualifiedName[],
): Promise<readonly SchemaRoot[]> =>
  session.query<SchemaRoot>(sql`
    SELECT f.table_schema AS schema, pg_catalog.count(*) AS tables,
           ${rootOf(sql`f.table_name`, sql`f.fingerprint`)} AS fingerprint
      FROM steep_repl.schema_fingerprints AS f
     WHERE f.node_id = ${node} AND ${isAmong(tables)}
     GROUP BY f.table_schema
     ORDER BY f.table_schema COLLATE "C"`);

/** The definitions that are on record of these tables, as far as they are. */
export const readRecordedDefinitions = async (
  session: Session,
  node: string,
  tables: readonly QualifiedName[],
): Promise<readonly TableDefinition[]> => {
  const rows = await session.query<DefinitionRow>(sql`
    SELECT f.table_schema AS schema, f.table_name AS name, f.definition
      FROM steep_repl.schema_fingerprints AS f
     WHERE f.node_id = ${node} AND ${isAmong(tables)}
     ORDER BY f.table_schema COLLATE "C", f.table_name COLLATE "C"`);
  return rows.map(({ schema, name, definition }) => parseDefinition({ schema, name }, definition));
};

const isAmong = (tables: readonly QualifiedName[]): Sql => sql`
  (f.table_schema, f.table_name) IN (SELECT * FROM ROWS FROM (
     pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
     pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS wanted)`;

interface RecordRow extends Omit<TableRecord, 'name' | 'parent'> {
  readonly schema: string;
  readonly name: string;
  readonly parent: readonly [schema: string, name: string] | null;
}

interface DefinitionRow {
  readonly schema: string;
  readonly name: string;
  readonly definition: DefinitionDocument;
}
