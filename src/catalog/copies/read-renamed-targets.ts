// Which tables and columns of a subscriber have the names that rows were copied under. Columns that were dropped and added again
// are empty, and no row says so; two tables of one load that swap their names have rows of one transaction.

import { type ChangedTable, otherTarget } from '../../model/copy/changed-table.ts';
import { type ColumnName, whyRenamed } from '../../model/copy/column-mark.ts';
import { lacksTypes, otherTypes, type TableMark } from '../../model/copy/table-mark.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { typeFacts } from '../../postgres/sql/type-facts.ts';

/** The marks, with what the tables of these names are on the subscriber. */
export const withStoredColumns = async (
  target: Session,
  marks: readonly TableMark[],
): Promise<readonly TableMark[]> => {
  const tables = await readTargets(target, marks);
  return marks.map((mark) => {
    const { oid, columns, types } = tables.get(formatName(mark)) ?? noTable;
    return { ...mark, stored: columns, storedOid: oid, storedTypes: types };
  });
};

/** Those of the noted tables that rows were copied into under the name of a table or a column that is another one by now. */
export const readRenamedTargets = async (
  target: Session,
  noted: readonly TableMark[],
): Promise<readonly ChangedTable[]> => {
  const known = noted.filter(({ stored }) => stored !== undefined);
  if (known.length === 0) return [];
  const tables = await readTargets(target, known);
  return known.flatMap((mark): readonly ChangedTable[] => {
    const { schema, name } = mark;
    const table = { schema, name };
    const replaced = whyOther(mark, tables.get(formatName(table)));
    return replaced === null ? [] : [{ table, expected: 0, found: null, foreign: 0, replaced }];
  });
};

const whyOther = (
  { stored = [], storedOid, storedTypes }: TableMark,
  now: StoredTable | undefined,
): string | null => {
  if (storedOid !== undefined && now?.oid !== storedOid) return otherTarget;
  if (lacksTypes(storedTypes, now?.types)) return `${otherTypes} on the subscriber`;
  const why = whyRenamed(stored, now?.columns ?? []);
  return why === null ? null : `${why} on the subscriber`;
};

interface StoredTable {
  readonly oid: number;
  /** Without those that are generated, which no copy fills. */
  readonly columns: readonly ColumnName[];
  readonly types: readonly string[];
}

const noTable: StoredTable = { oid: 0, columns: [], types: [] };

/** By formatName. */
const readTargets = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<ReadonlyMap<string, StoredTable>> => {
  const rows = await session.query<QualifiedName & StoredTable>(
    sql`
    SELECT t.schema, t.name, c.oid::int8 AS oid, coalesce(pg_catalog.json_agg(
             pg_catalog.json_build_object('number', a.attnum, 'name', a.attname) ORDER BY a.attnum)
             FILTER (WHERE a.attnum IS NOT NULL), '[]') AS columns,
           ${typeFacts(sql`c.oid`, { exact: false })} AS types
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
      LEFT JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     GROUP BY t.schema, t.name, c.oid`,
  );
  return new Map(rows.map(({ schema, name, ...it }) => [formatName({ schema, name }), it]));
};
