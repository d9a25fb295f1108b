// Which partitions have rows that are older than their being a partition: such rows were never sent as those of the
// partitioned table.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { writtenBefore } from '../../postgres/sql/catalog-order.ts';
import { lockTables } from '../../postgres/sql/named-tables.ts';
import { qualified, sql } from '../../postgres/sql/sql.ts';
import { readForeignCode } from '../foreign-code/read-foreign-code.ts';

/** Rows from before are at the beginning of a table: 8 MB of it are read. */
const beginning = '(1024,0)';
const everything = '(4294967295,0)';

export interface ReadOptions {
  /** All of each is read where need be, and a locked one counts; absent: its beginning, and a locked one does not count. */
  readonly whole?: true;
}

/** By formatName; those that the role may not read count too, unless they are empty. A locked one is not waited for. */
export const readRowsBeforeAttach = async (
  session: Session,
  partitions: readonly QualifiedName[],
  options: ReadOptions = {},
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (const partition of partitions)
    if (await hasOlderRows(session, partition, options)) found.add(formatName(partition));
  return found;
};

type Access = 'open' | 'locked' | 'closed' | 'empty';

/** Whether the rows of a table can be looked at now. */
export const readTableAccess = async (
  session: Session,
  { schema, name }: QualifiedName,
): Promise<Access> => {
  const [row] = await session.query<{ readonly access: Access }>(sql`
    SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_locks AS l
                              WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock') THEN 'locked'
                WHEN pg_catalog.pg_relation_size(c.oid) = 0 THEN 'empty'
                WHEN pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
                 AND NOT pg_catalog.row_security_active(c.oid) THEN 'open' ELSE 'closed' END AS access
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = ${schema} AND c.relname = ${name} AND c.relkind = 'r'`);
  return row?.access ?? 'empty';
};

const hasOlderRows = async (
  session: Session,
  partition: QualifiedName,
  { whole = false }: { readonly whole?: boolean },
): Promise<boolean> => {
  const access = await readTableAccess(session, partition);
  if (access !== 'open') return access === 'closed' || (whole && access === 'locked');
  return session.transaction({ readOnly: true }, async () => {
    await lockTables(session, [partition]);
    const code = await readForeignCode(session, [partition], ['scan']);
    if (code.length > 0) return true;
    const [row] = await session.query<{ readonly older: boolean }>(sql`
      SELECT EXISTS (
        SELECT FROM ONLY ${qualified(partition)} AS t
         WHERE t.ctid < ${whole ? everything : beginning}::tid
           AND (pg_catalog.age(t.xmin) > k.age
                OR pg_catalog.age(t.xmin) = k.age AND t.xmax = '0' AND ${writtenBefore(sql`t`)} > k.written)) AS older
        FROM (WITH RECURSIVE above (parent, age, written) AS (
                SELECT h.inhparent, pg_catalog.age(h.xmin), ${writtenBefore(sql`h`)} FROM pg_catalog.pg_inherits AS h
                 WHERE h.inhrelid = pg_catalog.to_regclass(${formatName(partition)})
                UNION ALL
                SELECT h.inhparent, pg_catalog.age(h.xmin), ${writtenBefore(sql`h`)}
                  FROM above AS a JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = a.parent)
              SELECT a.age, a.written FROM above AS a ORDER BY a.written LIMIT 1) AS k`);
    return row?.older === true;
  });
};
