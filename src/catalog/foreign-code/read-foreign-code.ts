// Reads which functions of others would run with the rights of steep's role when tables are filled, read or emptied.

import type { QualifiedName } from '../../model/identifier.ts';
import type { ForeignCode, TableUse } from '../../model/state/foreign-code.ts';
import { withoutLargeHashTables } from '../../postgres/hash-memory.ts';
import type { Session } from '../../postgres/session.ts';
import { foreignCodeQuery } from './foreign-code-query.ts';

/**
 * Of these tables with all of their partitions, in one query; a table that is not there has none. To be called in a
 * transaction: only there the query can be given little memory.
 */
export const readForeignCode = async (
  session: Session,
  tables: readonly QualifiedName[],
  uses: readonly TableUse[],
): Promise<readonly ForeignCode[]> => {
  if (tables.length === 0) return [];
  const found = await withoutLargeHashTables(session, () =>
    session.query<ForeignCode>(foreignCodeQuery(session, tables)),
  );
  return found.filter(({ use }) => uses.includes(use));
};
