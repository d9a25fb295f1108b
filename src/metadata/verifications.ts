// The rows of steep_repl.verifications: the last result of comparing the tables of an edge.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { VerifiedEdge, VerifiedTable } from '../model/report/verification.ts';
import type { Address } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';

/**
 * In a transaction. `complete`: the tables are all of the edge, and what is noted of others is deleted. A table whose rows
 * were only counted keeps its last result, which says more.
 */
export const storeVerification = async (
  metadata: Session,
  { address, tables }: VerifiedEdge,
  complete: boolean,
): Promise<void> => {
  const compared = tables.filter(({ outcome }) => outcome !== 'counted');
  const counted = tables.filter(({ outcome }) => outcome === 'counted');
  await metadata.query(sql`
    DELETE FROM steep_repl.verifications AS v
     WHERE v.address = ${address}
       AND (${complete} OR v.table_name = ANY (${compared.map(({ table }) => table)}::text[]))
       AND v.table_name <> ALL (${counted.map(({ table }) => table)}::text[])`);
  for (const table of compared) await metadata.query(insertOf(address, table));
};

/** In a transaction. Of rows that are not there any more; `tables` null: of the whole edge. */
export const forgetVerification = async (
  metadata: Session,
  address: Address,
  tables: readonly QualifiedName[] | null,
): Promise<void> => {
  await metadata.query(sql`
    DELETE FROM steep_repl.verifications AS v
     WHERE v.address = ${address}
       AND (${tables === null} OR v.table_name = ANY (${(tables ?? []).map(formatName)}::text[]))`);
};

/** Of a table that was not read. */
const noCounts = {
  rowsPublisher: null,
  rowsSubscriber: null,
  equal: null,
  different: null,
  missing: null,
  extra: null,
  unsettled: null,
};

const insertOf = (address: Address, { table, outcome, counts, error }: VerifiedTable): Sql => {
  const rows = counts ?? noCounts;
  return sql`
    INSERT INTO steep_repl.verifications (address, table_name, outcome, rows_publisher, rows_subscriber,
           rows_equal, rows_different, rows_missing, rows_extra, rows_unsettled, error)
    VALUES (${address}, ${table}, ${outcome}, ${rows.rowsPublisher}::int8, ${rows.rowsSubscriber}::int8,
            ${rows.equal}::int8, ${rows.different}::int8, ${rows.missing}::int8, ${rows.extra}::int8,
            ${rows.unsettled}::int8, ${error?.message ?? null})`;
};
