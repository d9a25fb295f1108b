// What the names of tables mean, and the locks that keep others from giving these names to something else meanwhile.

import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../session.ts';
import { holdSchemas } from './held-names.ts';
import { ddl, join, qualified, type Sql, sql } from './sql.ts';

export type TableKind = 'table' | 'partitioned';

/** By formatName. */
export type TableKinds = ReadonlyMap<string, TableKind>;

/**
 * Of those names that mean a table now, whatever the snapshot of the transaction shows. Only a table has a file, so that
 * a table that was made a view (possible before PostgreSQL 16) is none.
 */
export const readTableKinds = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<TableKinds> => {
  const rows = await session.query<QualifiedName & { readonly kind: TableKind }>(sql`
    SELECT t.schema, t.name, CASE c.relkind WHEN 'p' THEN 'partitioned' ELSE 'table' END AS kind
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
      JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(
             pg_catalog.quote_ident(t.schema) || '.' || pg_catalog.quote_ident(t.name))
       AND (c.relkind = 'p' OR c.relkind = 'r' AND pg_catalog.pg_relation_filenode(c.oid) IS NOT NULL)
     ORDER BY t.schema, t.name`);
  return new Map(rows.map(({ kind, ...name }) => [formatName(name), kind]));
};

/** For FROM, DELETE FROM and TRUNCATE: children by inheritance are other tables, and partitions are not. */
export const onlyTable = (table: QualifiedName, kinds: TableKinds): Sql =>
  kinds.get(formatName(table)) === 'partitioned' ? qualified(table) : ddl`ONLY ${qualified(table)}`;

/** Children by inheritance are not locked with their parent: nobody reads or writes them through it. */
const lockedTable = (table: QualifiedName, kinds: TableKinds): Sql =>
  kinds.get(formatName(table)) === 'table' ? ddl`ONLY ${qualified(table)}` : qualified(table);

const modes = {
  'ACCESS SHARE': ddl`ACCESS SHARE`,
  'ROW EXCLUSIVE': ddl`ROW EXCLUSIVE`,
  'SHARE UPDATE EXCLUSIVE': ddl`SHARE UPDATE EXCLUSIVE`,
  EXCLUSIVE: ddl`EXCLUSIVE`,
} as const;

/**
 * Until the end of the transaction each name means the table that it means now, and that is no view: a view could have
 * taken the name while the lock was waited for, and reading it would run code of its owner. Where only rows are read,
 * views are refused by the server too, since a schema can be renamed whatever is locked in it.
 * @throws SteepError TABLE_REPLACED; pg's error where a table is not there, or its lock is not to be had.
 */
export const lockTables = async (
  session: Session,
  tables: readonly QualifiedName[],
  mode: keyof typeof modes = 'ACCESS SHARE',
  { nowait = false } = {},
): Promise<TableKinds> => {
  if (tables.length === 0) return new Map();
  if (mode !== 'ACCESS SHARE') await holdSchemas(session, tables, nowait);
  const before = await readTableKinds(session, tables);
  const named = join(tables.map((table) => lockedTable(table, before)));
  await session.query(
    ddl`LOCK TABLE ${named} IN ${modes[mode]} MODE${nowait ? ddl` NOWAIT` : ddl``}`,
  );
  if (mode === 'ACCESS SHARE') await refuseViews(session, 'transaction');
  const kinds = await readTableKinds(session, tables);
  // Of a table that became a partitioned one meanwhile, no partition is locked.
  const isSame = (name: string): boolean =>
    kinds.has(name) && !(before.get(name) === 'table' && kinds.get(name) === 'partitioned');
  const replaced = tables.filter((table) => !isSame(formatName(table)));
  if (replaced.length === 0) return kinds;
  throw new SteepError(
    'TABLE_REPLACED',
    `Node ${session.node}: these names no longer refer to a table: ${replaced.map(formatName).join(', ')}. The objects that have these names now were not read.`,
    { suggestions: ['Check which objects have these names now, and run the same command again.'] },
  );
};

/**
 * Queries that read a view are refused, including those that steep did not create. Older minor releases lack the
 * setting (before 14.13, 15.8, 16.4). The view pg_settings would compute all settings to find one.
 */
export const refuseViews = (session: Session, until: 'transaction' | 'session'): Promise<unknown> =>
  session.query(sql`
    SELECT pg_catalog.set_config('restrict_nonsystem_relation_kind', 'view', ${until === 'transaction'})
     WHERE pg_catalog.current_setting('restrict_nonsystem_relation_kind', true) IS NOT NULL`);
