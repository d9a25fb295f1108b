// Reads the tables of the target that an initial copy would fill: columns, kinds, triggers, and whether they are empty.

import type { QualifiedName } from '../../model/identifier.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { Session } from '../../postgres/session.ts';
import { lockTables, onlyTable, type TableKinds } from '../../postgres/sql/named-tables.ts';
import { join, type Sql, sql } from '../../postgres/sql/sql.ts';
import { typeFacts } from '../../postgres/sql/type-facts.ts';
import { anyColumns, type CodeGuard } from '../check/code-guard.ts';
import type { TargetTable, Transfer } from '../fill/copy-table.ts';
import { type ColumnTuple, describeColumns, toColumn, toColumnName } from './read-columns.ts';

/** In the order of the tables; null: there is none of this name. */
export const readTargets = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly (TargetTable | null)[]> => {
  const rows = await session.query<TargetRow>(targetQuery(tables));
  return rows.map(({ schema, name, oid, columns, ...rest }) =>
    oid === null
      ? null
      : {
          ...rest,
          oid,
          name: { schema, name },
          columns: (columns ?? []).map(toColumn),
          names: (columns ?? []).map(toColumnName),
        },
  );
};

/**
 * Checks: what replication does not fire or check, and a session of an ordinary role does, on tables and on their
 * partitions, where the rows of the one are stored in the others.
 */
const targetQuery = (tables: readonly QualifiedName[]): Sql => sql`
  WITH RECURSIVE wanted (position, schema, name, oid, kind, unlogged) AS MATERIALIZED (
    SELECT t.position, t.schema, t.name, c.oid, c.relkind, c.relpersistence = 'u'
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[]))
           WITH ORDINALITY AS t (schema, name, position)
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name),
  tree (position, oid) AS (
    SELECT w.position, w.oid FROM wanted AS w
    UNION ALL
    SELECT r.position, h.inhrelid FROM tree AS r
      JOIN pg_catalog.pg_class AS p ON p.oid = r.oid AND p.relkind = 'p'
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = r.oid),
  checks (position, names) AS MATERIALIZED (
    SELECT r.position, pg_catalog.json_agg(g.name ORDER BY g.name)
      FROM tree AS r
      JOIN (SELECT t.tgrelid, t.tgname FROM pg_catalog.pg_trigger AS t WHERE t.tgenabled = 'O' AND NOT t.tgisinternal
            UNION ALL
            SELECT k.conrelid, k.conname FROM pg_catalog.pg_constraint AS k WHERE k.contype = 'f') AS g (relid, name)
        ON g.relid = r.oid
     GROUP BY r.position),
  ${describeColumns(sql`TRUE`)}
  SELECT w.schema, w.name, w.oid::int8 AS oid, w.unlogged,
         CASE WHEN w.oid < 16384 OR w.schema = ${metadataSchema} THEN 'reserved'
              WHEN w.kind = 'r' THEN 'table' WHEN w.kind = 'p' THEN 'partitioned' ELSE 'other' END AS kind,
         d.columns, ${typeFacts(sql`w.oid`, { exact: true })} AS types, coalesce(k.names, '[]') AS checks
    FROM wanted AS w
    LEFT JOIN described AS d ON d.position = w.position
    LEFT JOIN checks AS k ON k.position = w.position
   ORDER BY w.position`;

interface TargetRow extends Omit<TargetTable, 'name' | 'oid' | 'columns' | 'names'>, QualifiedName {
  readonly oid: number | null;
  readonly columns: readonly ColumnTuple[] | null;
}

/** With what the names of the targets mean now: it is asked again when rows are stored. */
export const aimed = (
  transfers: readonly Transfer[],
  targets: readonly (TargetTable | null)[],
): readonly Transfer[] =>
  transfers.map((transfer) => {
    const target = targets[transfer.index];
    if (!target) return transfer;
    const copied = new Set(transfer.table.columns.map(({ name }) => name));
    const { oid, name, names, types } = target;
    return {
      ...transfer,
      into: { oid, name, columns: names.filter((column) => copied.has(column.name)), types },
    };
  });

/** Tables a statement: far below the limits of a statement and of locks, and few round trips. */
const batchSize = 200;

export interface Filled {
  readonly table: QualifiedName;
  readonly rows: number;
}

/** Where rows are not counted any further. */
export const countedAtMost = 1_000_000;

/** The tables that are not empty, with their rows; those of children by inheritance do not count. */
export const readFilled = async (
  session: Session,
  tables: readonly QualifiedName[],
  guard: CodeGuard,
): Promise<readonly Filled[]> => {
  const filled: Filled[] = [];
  for (let start = 0; start < tables.length; start += batchSize) {
    const batch = tables.slice(start, start + batchSize);
    await session.transaction({ readOnly: true }, async () => {
      const kinds = await lockTables(session, batch);
      await guard(session, 'scan', anyColumns(batch));
      for (const table of await nonEmpty(session, batch, kinds)) {
        const [row] = await session.query<{ readonly rows: number }>(sql`
          SELECT pg_catalog.count(*) AS rows
            FROM (SELECT FROM ${onlyTable(table, kinds)} LIMIT ${countedAtMost}) AS t`);
        filled.push({ table, rows: row?.rows ?? 0 });
      }
    });
  }
  return filled;
};

async function nonEmpty(
  session: Session,
  tables: readonly QualifiedName[],
  kinds: TableKinds,
): Promise<readonly QualifiedName[]> {
  const queries = tables.map(
    (table, index) =>
      sql`SELECT ${index}::int4 AS index WHERE EXISTS (SELECT FROM ${onlyTable(table, kinds)})`,
  );
  const rows = await session.query<{ readonly index: number }>(join(queries, ' UNION ALL '));
  const found = new Set(rows.map(({ index }) => index));
  return tables.filter((_table, index) => found.has(index));
}
