// Looks into a slot without a reader, without moving it.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/**
 * Whether the slot holds a committed change that the publication sends. Decodes WAL up to the first one, or to
 * the end. pgoutput leaves out transactions that change nothing published (15+). @throws pg's error while the slot is read.
 */
export const readSlotHoldsChanges = async (
  session: Session,
  slot: string,
  publication: string,
): Promise<boolean> => {
  const [row] = await session.query<{ readonly found: boolean }>(sql`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_logical_slot_peek_binary_changes(
             ${slot}, NULL, 1, 'proto_version', '1', 'publication_names', ${quoteIdentifier(publication)})) AS found`);
  return row?.found === true;
};
