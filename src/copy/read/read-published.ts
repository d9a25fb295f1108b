// Reads what a subscription is to copy, as the source publishes it: columns, row filters, heaps. Asked as table
// sync asks (fetch_remote_table_info in tablesync.c), for all tables at once; run in the slot's snapshot.

import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';
import type { CopiedTable, Heap } from '../fill/copy-table.ts';
import { type ColumnTuple, describeColumns, toColumn } from './read-columns.ts';

/**
 * In the order of the tables; without publications: whole, with all columns that are not generated.
 * @throws SteepError COPY_UNFIT for a table that is not there, or whose publications disagree about columns.
 */
export const readTablesToCopy = async (
  session: Session,
  tables: readonly QualifiedName[],
  publications: readonly string[] | null,
): Promise<readonly CopiedTable[]> => {
  const published = publications === null ? unpublished : publishedBy(session, publications);
  const rows = await session.query<TableRow>(tableQuery(tables, published));
  const heaps = await session.query<HeapRow>(heapQuery(tables));
  const heapsOf = Map.groupBy(heaps, ({ position }) => position);
  return tables.map((name, index) => {
    const row = rows[index];
    if (!row || row.oid === null) throw unfit(session, name, 'does not exist, or is not a table');
    if (row.lists === 0) throw unfit(session, name, 'is not in the publications');
    if (row.lists > 1) throw unfit(session, name, 'is published with different column lists');
    const own = (heapsOf.get(row.position) ?? []).map(toHeap);
    return {
      name,
      columns: (row.columns ?? []).map(toColumn),
      filter: row.filters.length === 0 ? null : row.filters.map((text) => `(${text})`).join(' OR '),
      heaps: own,
      bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
};

const unfit = ({ node }: Session, table: QualifiedName, what: string): SteepError =>
  new SteepError('COPY_UNFIT', `Node ${node}: table ${formatName(table)} ${what}.`, {
    suggestions: ['Correct the table or its publications, and run the same command again.'],
  });

const publishedBy = (session: Session, publications: readonly string[]): Sql => {
  const { filtersAndSchemas } = featuresOf(session.serverVersion);
  return filtersAndSchemas ? withLists(publications) : withoutLists(publications);
};

const unpublished: Sql = sql`
  SELECT c.oid, NULL::text, NULL::text FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'p')`;

/** One row for each table of each publication; 14 has neither column lists nor row filters. */
const withoutLists = (publications: readonly string[]): Sql => sql`
  SELECT g.relid, NULL::text, NULL::text
    FROM pg_catalog.unnest(${publications}::text[]) AS p (name)
   CROSS JOIN LATERAL pg_catalog.pg_get_publication_tables(p.name) AS g`;

/** Before 16 the function takes one name. */
const withLists = (publications: readonly string[]): Sql => sql`
  SELECT g.relid, g.attrs::text, pg_catalog.pg_get_expr(g.qual, g.relid)
    FROM pg_catalog.unnest(${publications}::text[]) AS p (name)
   CROSS JOIN LATERAL pg_catalog.pg_get_publication_tables(p.name) AS g`;

const named = (tables: readonly QualifiedName[]): Sql => sql`
  ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
             pg_catalog.unnest(${tables.map(({ name }) => name)}::text[]))
  WITH ORDINALITY AS t (schema, name, position)`;

/**
 * Publications without a list publish all columns but generated ones; where the server says which those are,
 * they are its own list. No filter in one of the publications wins over all others.
 */
const tableQuery = (tables: readonly QualifiedName[], published: Sql): Sql => sql`
  WITH RECURSIVE published (relid, attrs, filter) AS MATERIALIZED (${published}),
  summed (relid, lists, attrs, filters) AS MATERIALIZED (
    SELECT g.relid, pg_catalog.count(DISTINCT coalesce(g.attrs, '')), pg_catalog.min(g.attrs)::pg_catalog.int2vector,
           CASE WHEN pg_catalog.count(*) = pg_catalog.count(g.filter)
                THEN pg_catalog.array_agg(DISTINCT g.filter ORDER BY g.filter) END
      FROM published AS g
     GROUP BY g.relid),
  wanted (position, oid, lists, filters, attrs) AS MATERIALIZED (
    SELECT t.position, c.oid, coalesce(p.lists, 0), coalesce(p.filters, '{}'), p.attrs::int2[]
      FROM ${named(tables)}
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      LEFT JOIN pg_catalog.pg_class AS c
        ON c.relnamespace = n.oid AND c.relname = t.name AND c.relkind IN ('r', 'p')
      LEFT JOIN summed AS p ON p.relid = c.oid),
  ${describeColumns(sql`CASE WHEN w.attrs IS NULL THEN a.attgenerated = '' ELSE a.attnum = ANY (w.attrs) END`)}
  SELECT w.position, w.oid::int8 AS oid, w.lists, w.filters, d.columns
    FROM wanted AS w
    LEFT JOIN described AS d ON d.position = w.position
   ORDER BY w.position`;

interface TableRow {
  readonly position: number;
  readonly oid: number | null;
  readonly lists: number;
  readonly filters: readonly string[];
  readonly columns: readonly ColumnTuple[] | null;
}

/** Partitions as the snapshot knows them: pg_partition_tree() would show those of this moment. */
const heapQuery = (tables: readonly QualifiedName[]): Sql => sql`
  WITH RECURSIVE tree (position, oid) AS (
    SELECT t.position, c.oid FROM ${named(tables)}
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c
        ON c.relnamespace = n.oid AND c.relname = t.name AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT r.position, h.inhrelid FROM tree AS r
      JOIN pg_catalog.pg_class AS p ON p.oid = r.oid AND p.relkind = 'p'
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = r.oid
  )
  SELECT r.position, c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind <> 'f' AS ranges,
         coalesce(pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8, 0) AS blocks,
         coalesce(pg_catalog.pg_table_size(c.oid), 0) AS bytes, c.relfilenode::int8 AS file,
         coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('number', a.attnum, 'name', a.attname) ORDER BY a.attnum)
                     FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns
    FROM tree AS r
    JOIN pg_catalog.pg_class AS c ON c.oid = r.oid AND c.relkind <> 'p'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   ORDER BY r.position, n.nspname, c.relname`;

const toHeap = ({ schema, name, oid, blocks, bytes, file, ranges, columns }: HeapRow): Heap => ({
  oid,
  name: { schema, name },
  blocks,
  bytes,
  file,
  ranges,
  columns,
});

interface HeapRow extends Omit<Heap, 'name'>, QualifiedName {
  readonly position: number;
}
