// Reads what steep has noted of edges whose tables are copied.

import type { EdgeRecord } from '../../model/edge/edge-record.ts';
import type { Address } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** The version of steep_repl that has them. */
export const edgeRecordsSince = 4;

/** By the address of the subscription. */
export const readEdgeRecords = async (
  metadata: Session,
  metadataVersion: number,
): Promise<Readonly<Record<Address, EdgeRecord>>> => {
  if (metadataVersion < edgeRecordsSince) return {};
  const rows = await metadata.query<{ readonly address: Address; readonly noted: EdgeRecord }>(sql`
    SELECT e.address, e.noted FROM steep_repl.edge_records AS e ORDER BY e.address`);
  return Object.fromEntries(rows.map(({ address, noted }) => [address, noted]));
};
