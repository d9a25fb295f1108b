// Which tables had their rows written again by one command: by one that changed no column, as SET LOGGED does it, or by one
// that altered columns. VACUUM FULL and CLUSTER keep of each row the transaction that wrote it, and after TRUNCATE rows are
// written later than the file.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { qualified, type Sql, sql } from '../../postgres/sql/sql.ts';
import { askRows, beginning, readTableAccess } from './ask-rows.ts';

/** By formatName. Of those that the role may not read, or that are locked, nothing is known. */
export const readRewrittenRows = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (const table of tables)
    if (await find(session, table, writtenWithFile(table))) found.add(formatName(table));
  return found;
};

/** By formatName, those with rows that one of these transactions has written; and as above. */
export const readAlteredRows = async (
  session: Session,
  tables: readonly AlteredTable[],
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (const { name, rows } of tables)
    if (await find(session, name, writtenBy(name, rows))) found.add(formatName(name));
  return found;
};

interface AlteredTable {
  readonly name: QualifiedName;
  /** Transactions. */
  readonly rows: readonly string[];
}

const writtenBy = (table: QualifiedName, transactions: readonly string[]): Sql => sql`
  SELECT EXISTS (
    SELECT FROM ONLY ${qualified(table)} AS t
     WHERE t.ctid < ${beginning}::tid AND t.xmin = ANY (${transactions}::pg_catalog.xid[])) AS found`;

/** In t_cid of a row that is locked or deleted is another number than that of the command that wrote it. */
const writtenWithFile = (table: QualifiedName): Sql => sql`
  SELECT EXISTS (
    SELECT FROM ONLY ${qualified(table)} AS t
     WHERE t.ctid < ${beginning}::tid AND t.xmin = c.xmin AND t.xmax = '0' AND c.xmax = '0'
       AND t.cmin::text::int8 <= c.cmin::text::int8) AS found
    FROM pg_catalog.pg_class AS c
   WHERE c.oid = pg_catalog.to_regclass(${formatName(table)})
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.xmin = c.xmin)`;

const find = async (session: Session, table: QualifiedName, rows: Sql): Promise<boolean> =>
  (await readTableAccess(session, table)) === 'open' &&
  (await askRows(session, table, rows)) === true;
