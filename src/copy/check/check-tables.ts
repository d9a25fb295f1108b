// Proves that tables hold exactly the rows that a copy has stored in them: one scan of each counts its rows, and those
// whose xmin is no transaction of the copy. A deleted row is missing, and an inserted or updated one has another xmin.

import type { ChangedTable } from '../../model/copy/changed-table.ts';
import { describeChange } from '../../model/copy/changed-table.ts';
import { SteepError } from '../../model/errors.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { lockTables, onlyTable, type TableKinds } from '../../postgres/sql/named-tables.ts';
import { join, type Sql, sql } from '../../postgres/sql/sql.ts';
import { readStoredRows, type StoredRows } from '../fill/chunk-checkpoints.ts';
import { anyColumns, type CodeGuard } from './code-guard.ts';

/** Scans in one statement: few round trips for small tables, and far below every limit of a statement. */
const batchSize = 50;

/**
 * Those of the tables that differ from what the checkpoints of this copy say; tables without checkpoints are not
 * looked at. Rows of transactions that have not committed yet are not seen.
 * @throws SteepError RUNS_FOREIGN_CODE, TABLE_REPLACED
 */
export const findChanged = (
  session: Session,
  subscription: string,
  tables: readonly QualifiedName[],
  guard: CodeGuard,
): Promise<readonly ChangedTable[]> =>
  findIn(session, subscription, tables, guard, (body) =>
    session.transaction({ readOnly: true }, body),
  );

/** The same, in a transaction that is open: all of it as of one moment. */
export const findChangedNow = (
  session: Session,
  subscription: string,
  tables: readonly QualifiedName[],
  guard: CodeGuard,
): Promise<readonly ChangedTable[]> =>
  findIn(session, subscription, tables, guard, (body) => body());

type Changed = readonly ChangedTable[];

const findIn = async (
  session: Session,
  subscription: string,
  tables: readonly QualifiedName[],
  guard: CodeGuard,
  within: (body: () => Promise<Changed>) => Promise<Changed>,
): Promise<Changed> => {
  const stored = await readStoredRows(session, subscription, tables);
  const changed: ChangedTable[] = [];
  for (let start = 0; start < stored.length; start += batchSize) {
    const batch = stored.slice(start, start + batchSize);
    changed.push(...(await within(() => compare(session, batch, guard))));
  }
  return changed;
};

/** @throws SteepError COPY_CHANGED naming the tables. */
export const assertUnchanged = (node: string, changed: readonly ChangedTable[]): void => {
  if (changed.length === 0) return;
  throw new SteepError(
    'COPY_CHANGED',
    `Node ${node}: tables do not have the rows that were copied into them: ${changed.map(describeChange).join('; ')}.`,
    {
      suggestions: [
        'Stop other sessions from writing to these tables until the subscription is enabled, and disable triggers of the copied tables that fire on replicas (ENABLE ALWAYS, ENABLE REPLICA) and write to them.',
        'Run the same command again: these tables are emptied and copied again, the others are kept.',
      ],
    },
  );
};

async function compare(
  session: Session,
  stored: readonly StoredRows[],
  guard: CodeGuard,
): Promise<readonly ChangedTable[]> {
  const provable = stored.filter(({ recorded }) => recorded);
  const scans = await readScans(session, provable);
  const counts = await count(session, provable, scans, guard);
  return stored.flatMap((rows): readonly ChangedTable[] => {
    const { table, rows: expected } = rows;
    if (!rows.recorded) return [{ table, expected, found: null, foreign: 0 }];
    // A table that is not there any more has no rows.
    const { found, foreign } = counts.get(rows) ?? { found: 0, foreign: 0 };
    return found === expected && foreign === 0 ? [] : [{ table, expected, found, foreign }];
  });
}

interface Scan {
  readonly there: boolean;
  /** Whether xmin says who stored a row: not of foreign tables and of other access methods. */
  readonly xmin: boolean;
}

/** In the order of the tables. */
const readScans = (session: Session, stored: readonly StoredRows[]): Promise<readonly Scan[]> =>
  session.query<Scan>(sql`
    SELECT c.oid IS NOT NULL AS there,
           NOT EXISTS (
             SELECT FROM (SELECT c.oid AS relid UNION ALL
                          SELECT p.relid::oid FROM pg_catalog.pg_partition_tree(c.oid) AS p) AS part
               JOIN pg_catalog.pg_class AS l ON l.oid = part.relid AND l.relkind <> 'p'
               LEFT JOIN pg_catalog.pg_am AS m ON m.oid = l.relam
              WHERE l.relkind <> 'r' OR m.amname IS DISTINCT FROM 'heap') AS xmin
      FROM ROWS FROM (pg_catalog.unnest(${stored.map(({ table }) => table.schema)}::name[]),
                      pg_catalog.unnest(${stored.map(({ table }) => table.name)}::name[]))
           WITH ORDINALITY AS t (schema, name, position)
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
                                        AND c.relkind IN ('r', 'p')
     ORDER BY t.position`);

interface Counts {
  readonly found: number;
  readonly foreign: number;
}

async function count(
  session: Session,
  stored: readonly StoredRows[],
  scans: readonly Scan[],
  guard: CodeGuard,
): Promise<ReadonlyMap<StoredRows, Counts>> {
  const there = stored.filter((_rows, index) => scans[index]?.there === true);
  const names = there.map(({ table }) => table);
  const kinds = await lockTables(session, names);
  await guard(session, 'scan', anyColumns(names));
  const queries = stored.flatMap((rows, index) => {
    const scan = scans[index];
    return scan?.there === true ? [countQuery(rows, index, scan, kinds)] : [];
  });
  if (queries.length === 0) return new Map();
  const rows = await session.query<Counts & { readonly index: number }>(
    join(queries, ' UNION ALL '),
  );
  return new Map(
    rows.flatMap(({ index, ...counts }) => {
      const of = stored[index];
      return of === undefined ? [] : [[of, counts] as const];
    }),
  );
}

/**
 * = ANY of a constant array is a hash lookup from PostgreSQL 14 on, where <> ALL is not. Children by inheritance are
 * tables of their own.
 */
const countQuery = (
  { table, xids }: StoredRows,
  index: number,
  scan: Scan,
  kinds: TableKinds,
): Sql => sql`
  SELECT ${index}::int4 AS index, pg_catalog.count(*) AS found,
         ${scan.xmin ? sql`pg_catalog.count(*) FILTER (WHERE NOT t.xmin = ANY (${xids}::pg_catalog.xid[]))` : sql`0::int8`} AS "foreign"
    FROM ${onlyTable(table, kinds)} AS t`;
