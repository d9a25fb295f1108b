// The rows of tables as evidence: how many there are, and the sum of their hashes.

import type { Evidence, TableEvidence } from '../model/copy/manual-init.ts';
import { formatName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { lockTables, onlyTable, type TableKinds } from '../postgres/sql/named-tables.ts';
import { ddl, sql, verbatim } from '../postgres/sql/sql.ts';
import { hashTables } from './table-hash.ts';

/** What of a table is compared. */
export type TablePart = Pick<TableEvidence, 'table' | 'columns' | 'where'>;

const count = async (
  session: Session,
  { table, where }: TablePart,
  kinds: TableKinds,
): Promise<number> => {
  const filter = where === null ? ddl`` : ddl`WHERE (${verbatim(where)})`;
  const [row] = await session.query<{ readonly rows: number }>(
    sql`SELECT pg_catalog.count(*) AS rows FROM ${onlyTable(table, kinds)} ${filter}`,
  );
  return row?.rows ?? 0;
};

const hash = async (session: Session, { table, columns, where }: TablePart) => {
  const hashes = await hashTables(session, [{ ...table, columns, where }]);
  return hashes[formatName(table)];
};

/**
 * Reads every row of one table, in a transaction.
 * @throws SteepError TABLE_REPLACED; pg's error where the table or a column is not there.
 */
export const readTableEvidence = async (
  session: Session,
  part: TablePart,
  kind: Evidence['kind'],
): Promise<TableEvidence> => {
  const kinds = await lockTables(session, [part.table]);
  if (kind === 'counts') return { ...part, rows: await count(session, part, kinds), hash: null };
  const found = await hash(session, part);
  return { ...part, rows: found?.rows ?? 0, hash: found?.hash ?? null };
};
