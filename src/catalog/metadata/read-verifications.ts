// Reads when the rows of edges were compared last, and what was found.

import type { LastVerification } from '../../model/report/verification.ts';
import type { Address } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** The version of steep_repl that has them. */
export const verificationsSince = 4;

const mayRead = async (metadata: Session, metadataVersion: number): Promise<boolean> => {
  if (metadataVersion < verificationsSince) return false;
  const [right] = await metadata.query<{ readonly held: boolean }>(sql`
    SELECT pg_catalog.has_table_privilege('steep_repl.verifications', 'SELECT') AS held`);
  return right?.held === true;
};

/** Tables, by subscription, whose rows the last steep verify found to differ; none where the role may not read them. */
export const readDifferentTables = async (
  metadata: Session,
  metadataVersion: number,
): Promise<Readonly<Record<Address, readonly string[]>>> => {
  if (!(await mayRead(metadata, metadataVersion))) return {};
  const rows = await metadata.query<{ readonly address: Address; readonly tables: string[] }>(sql`
    SELECT v.address, pg_catalog.array_agg(v.table_name ORDER BY v.table_name) AS tables
      FROM steep_repl.verifications AS v
     WHERE v.outcome = 'different'
     GROUP BY v.address`);
  return Object.fromEntries(rows.map(({ address, tables }) => [address, tables]));
};

/** In the order of the addresses of subscriptions; none where the role may not read them. */
export const readVerifications = async (
  metadata: Session,
  metadataVersion: number,
): Promise<readonly LastVerification[]> => {
  if (!(await mayRead(metadata, metadataVersion))) return [];
  return metadata.query<LastVerification>(sql`
    SELECT v.address,
           pg_catalog.to_char(pg_catalog.min(v.verified_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "verifiedAt",
           pg_catalog.count(*) AS tables,
           pg_catalog.count(*) FILTER (WHERE v.outcome = 'equal') AS equal,
           pg_catalog.count(*) FILTER (WHERE v.outcome = 'different') AS different,
           pg_catalog.count(*) FILTER (WHERE v.outcome IN ('unsettled', 'unread')) AS unknown
      FROM steep_repl.verifications AS v
     GROUP BY v.address
     ORDER BY v.address`);
};
