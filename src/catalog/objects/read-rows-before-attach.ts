// Which partitions have rows that are older than their being a partition: such rows were never sent as those of the
// partitioned table.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { writtenBefore } from '../../postgres/sql/catalog-order.ts';
import { qualified, sql } from '../../postgres/sql/sql.ts';
import { askRows, beginning, readTableAccess } from './ask-rows.ts';

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

const hasOlderRows = async (
  session: Session,
  partition: QualifiedName,
  { whole = false }: { readonly whole?: boolean },
): Promise<boolean> => {
  const access = await readTableAccess(session, partition);
  if (access !== 'open') return access === 'closed' || (whole && access === 'locked');
  const query = sql`
    SELECT EXISTS (
      SELECT FROM ONLY ${qualified(partition)} AS t
       WHERE t.ctid < ${whole ? everything : beginning}::tid
         AND (pg_catalog.age(t.xmin) > k.age
              OR pg_catalog.age(t.xmin) = k.age AND t.xmax = '0' AND ${writtenBefore(sql`t`)} > k.written)) AS found
      FROM (WITH RECURSIVE above (parent, age, written) AS (
              SELECT h.inhparent, pg_catalog.age(h.xmin), ${writtenBefore(sql`h`)} FROM pg_catalog.pg_inherits AS h
               WHERE h.inhrelid = pg_catalog.to_regclass(${formatName(partition)})
              UNION ALL
              SELECT h.inhparent, pg_catalog.age(h.xmin), ${writtenBefore(sql`h`)}
                FROM above AS a JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = a.parent)
            SELECT a.age, a.written FROM above AS a ORDER BY a.written LIMIT 1) AS k`;
  return (await askRows(session, partition, query)) ?? true;
};
