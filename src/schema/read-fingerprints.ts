// Reads fingerprints, from one row for a schema down to one for a table. Computed by the server: what is equal
// on two nodes is never sent. Needs no rights but to connect.

import type {
  CapturedTable,
  SchemaRoot,
  TableFingerprint,
} from '../model/schema/schema-fingerprint.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { catalogIdsOf } from './catalog-ids.ts';
import { definitionsOf, rootOf, type Scope } from './definition-query.ts';
import { type DefinitionDocument, isWholeDocument } from './read-definitions.ts';
import { readSettled } from './read-settled.ts';
import { sequenceStatesOf } from './sequence-states.ts';

/** One row a schema that has tables, by name. */
export const readRoots = (session: Session, scope: Scope): Promise<readonly SchemaRoot[]> =>
  readSettled(() =>
    session.query<SchemaRoot>(sql`
    SELECT d.table_schema AS schema, pg_catalog.count(*) AS tables,
           ${rootOf(sql`d.table_name`, sql`d.strict`)} AS fingerprint
      FROM (${definitionsOf(scope)}) AS d
     GROUP BY d.table_schema
     ORDER BY d.table_schema COLLATE "C"`),
  );

/** One row a table, by schema and name. */
export const readTableFingerprints = async (
  session: Session,
  scope: Scope,
): Promise<readonly TableFingerprint[]> => {
  const rows = await readSettled(() =>
    session.query<FingerprintRow>(sql`
    SELECT d.table_schema AS schema, d.table_name AS name, d.column_count AS "columnCount", d.strict, d.replication
      FROM (${definitionsOf(scope)}) AS d
     ORDER BY d.table_schema COLLATE "C", d.table_name COLLATE "C"`),
  );
  return rows.map(({ schema, name, ...rest }) => ({ name: { schema, name }, ...rest }));
};

/** The same with the documents themselves, and with what tells later what was renamed, or of sequences set back: for keeping, not for comparing. */
export const readCaptured = async (
  session: Session,
  scope: Scope,
): Promise<readonly CapturedTable[]> => {
  const read = () =>
    session.query<FingerprintRow & Pick<CapturedTable, 'document'>>(sql`
    SELECT d.table_schema AS schema, d.table_name AS name, d.column_count AS "columnCount", d.strict, d.replication,
           (d.definition::jsonb || pg_catalog.jsonb_build_object(
             'catalog_ids', i.ids, 'sequences', COALESCE(s.sequences, '[]')))::text AS document
      FROM (${definitionsOf(scope)}) AS d
      JOIN (${catalogIdsOf(scope)}) AS i ON i.schema = d.table_schema AND i.name = d.table_name
      LEFT JOIN (${sequenceStatesOf(scope)}) AS s ON s.schema = d.table_schema AND s.name = d.table_name
     ORDER BY d.table_schema COLLATE "C", d.table_name COLLATE "C"`);
  const rows = await readSettled(read, ({ document }) =>
    isWholeDocument(JSON.parse(document) as DefinitionDocument),
  );
  return rows.map(({ schema, name, ...rest }) => ({ name: { schema, name }, ...rest }));
};

interface FingerprintRow extends Omit<TableFingerprint, 'name'> {
  readonly schema: string;
  readonly name: string;
}
