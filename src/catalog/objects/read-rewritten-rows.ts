// Which tables had their rows written again by one command that changed no column, as SET LOGGED does it. VACUUM FULL and
// CLUSTER keep of each row the transaction that wrote it, and after TRUNCATE rows are written later than the file.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { lockTables } from '../../postgres/sql/named-tables.ts';
import { qualified, sql } from '../../postgres/sql/sql.ts';
import { readForeignCode } from '../foreign-code/read-foreign-code.ts';
import { readTableAccess } from './read-rows-before-attach.ts';

/** By formatName. Of those that the role may not read, or that are locked, nothing is known. */
export const readRewrittenRows = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (const table of tables)
    if (await hasRewrittenRows(session, table)) found.add(formatName(table));
  return found;
};

/** 8 MB are read. In t_cid of a row that is locked or deleted is another number than that of the command that wrote it. */
const hasRewrittenRows = async (session: Session, table: QualifiedName): Promise<boolean> => {
  if ((await readTableAccess(session, table)) !== 'open') return false;
  return session.transaction({ readOnly: true }, async () => {
    await lockTables(session, [table]);
    const code = await readForeignCode(session, [table], ['scan']);
    if (code.length > 0) return false;
    const [row] = await session.query<{ readonly rewritten: boolean }>(sql`
      SELECT EXISTS (
        SELECT FROM ONLY ${qualified(table)} AS t
         WHERE t.ctid < '(1024,0)'::tid AND t.xmin = c.xmin AND t.xmax = '0' AND c.xmax = '0'
           AND t.cmin::text::int8 <= c.cmin::text::int8) AS rewritten
        FROM pg_catalog.pg_class AS c
       WHERE c.oid = pg_catalog.to_regclass(${formatName(table)})
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.xmin = c.xmin)`);
    return row?.rewritten === true;
  });
};
