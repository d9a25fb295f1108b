// The sequences that feed tables: which numbers they give, and how far they are. On record beside what a table is, so that
// drift sees what was altered or set back. Nothing of it counts in a fingerprint: two nodes differ in it by intent.

import type { QualifiedName } from '../model/identifier.ts';
import type { SequenceState } from '../model/schema/sequence-state.ts';
import type { Session } from '../postgres/session.ts';
import { fedSequences } from '../postgres/sql/fed-sequences.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';
import type { Scope } from './definition-query.ts';
import { theseTables } from './scope.ts';

export interface FedTable {
  readonly name: QualifiedName;
  readonly sequences: readonly SequenceState[];
}

/** Rows `(schema, name, sequences)`, of tables that have some. */
export const sequenceStatesOf = (scope: Scope): Sql => sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name,
           pg_catalog.jsonb_agg(DISTINCT pg_catalog.jsonb_build_object(
             'name', pg_catalog.format('%I.%I', sn.nspname, s.relname), 'increment', q.seqincrement::text,
             'minimum', q.seqmin::text, 'maximum', q.seqmax::text, 'cycle', q.seqcycle,
             'readable', pg_catalog.has_sequence_privilege(s.oid, 'SELECT, USAGE'),
             'last', CASE WHEN pg_catalog.has_sequence_privilege(s.oid, 'SELECT, USAGE')
                          THEN pg_catalog.pg_sequence_last_value(s.oid)::text END)) AS sequences
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN (${fedSequences}) AS f ON f.relid = c.oid
      JOIN pg_catalog.pg_class AS s ON s.oid = f.sequence AND s.relkind = 'S' AND s.relpersistence = 'p'
      JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.relnamespace
      JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = s.oid
     WHERE c.relkind IN ('r', 'p') AND (${scope})
     GROUP BY n.nspname, c.relname`;

/** As they are. */
export const readSequenceStates = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly FedTable[]> =>
  (
    await session.query<FedRow>(sql`
      SELECT f.schema, f.name, f.sequences FROM (${sequenceStatesOf(theseTables(tables))}) AS f
       ORDER BY f.schema COLLATE "C", f.name COLLATE "C"`)
  ).map(toFed);

/** As they are on record of a node; without tables that were recorded from psql, or by an older steep. */
export const readRecordedSequences = async (
  session: Session,
  node: string,
  tables: readonly QualifiedName[],
): Promise<readonly FedTable[]> =>
  (
    await session.query<FedRow>(sql`
      SELECT f.table_schema AS schema, f.table_name AS name, f.definition -> 'sequences' AS sequences
        FROM steep_repl.schema_fingerprints AS f
       WHERE f.node_id = ${node} AND f.definition -> 'sequences' IS NOT NULL
         AND (f.table_schema, f.table_name) IN (SELECT * FROM ROWS FROM (
               pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
               pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS wanted)
       ORDER BY f.table_schema COLLATE "C", f.table_name COLLATE "C"`)
  ).map(toFed);

interface FedRow {
  readonly schema: string;
  readonly name: string;
  readonly sequences: readonly SequenceState[];
}

const toFed = ({ schema, name, sequences }: FedRow): FedTable => ({
  name: { schema, name },
  sequences,
});
