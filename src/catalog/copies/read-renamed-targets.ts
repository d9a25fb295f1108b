// Which columns of a subscriber have the names that rows were copied under: those that were dropped and added again are
// empty, and no row says so.

import type { ChangedTable } from '../../model/copy/changed-table.ts';
import { type ColumnName, whyRenamed } from '../../model/copy/column-mark.ts';
import type { TableMark } from '../../model/copy/table-mark.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** The marks, with the columns that the tables of these names have on the subscriber. */
export const withStoredColumns = async (
  target: Session,
  marks: readonly TableMark[],
): Promise<readonly TableMark[]> => {
  const columns = await readColumns(target, marks);
  return marks.map((mark) => ({ ...mark, stored: columns.get(formatName(mark)) ?? [] }));
};

/** Those of the noted tables that rows were copied into under the name of a column that is another one by now. */
export const readRenamedTargets = async (
  target: Session,
  noted: readonly TableMark[],
): Promise<readonly ChangedTable[]> => {
  const known = noted.filter(({ stored }) => stored !== undefined);
  if (known.length === 0) return [];
  const columns = await readColumns(target, known);
  return known.flatMap(({ schema, name, stored = [] }): readonly ChangedTable[] => {
    const table = { schema, name };
    const why = whyRenamed(stored, columns.get(formatName(table)) ?? []);
    if (why === null) return [];
    return [{ table, expected: 0, found: null, foreign: 0, replaced: `${why} on the subscriber` }];
  });
};

/** By formatName; without those that are generated, which no copy fills. */
const readColumns = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<ReadonlyMap<string, readonly ColumnName[]>> => {
  const rows = await session.query<QualifiedName & { readonly columns: readonly ColumnName[] }>(
    sql`
    SELECT t.schema, t.name, pg_catalog.json_agg(
             pg_catalog.json_build_object('number', a.attnum, 'name', a.attname) ORDER BY a.attnum) AS columns
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
      JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     GROUP BY t.schema, t.name`,
  );
  return new Map(rows.map(({ columns, ...table }) => [formatName(table), columns]));
};
