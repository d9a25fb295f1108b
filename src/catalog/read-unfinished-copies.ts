// First copies by steep that were interrupted, as steep_repl of their node remembers them.

import type { NodeName } from '../model/address.ts';
import type { QualifiedName } from '../model/identifier.ts';
import type { UnfinishedCopy } from '../model/state.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql.ts';

/** The version of steep_repl that has a ledger. */
const ledgerSince = 3;

interface Row {
  readonly subscription: string;
  readonly slot: string;
  readonly publicationsDigest: string;
  readonly schema: string | null;
  readonly name: string | null;
  readonly complete: boolean;
}

/** By subscription; empty where steep_repl is older, or not there. */
export const readUnfinishedCopies = async (
  session: Session,
  node: NodeName,
  metadataVersion: number,
): Promise<readonly UnfinishedCopy[]> => {
  if (metadataVersion < ledgerSince) return [];
  const rows = await session.query<Row>(sql`
    SELECT i.subscription, i.slot_name AS slot, i.publications_digest AS "publicationsDigest",
           c.table_schema AS schema, c.table_name AS name,
           COALESCE(pg_catalog.count(*) = pg_catalog.max(c.chunks), false) AS complete
      FROM steep_repl.subscriptions_init AS i
      LEFT JOIN steep_repl.copy_chunks AS c ON c.subscription = i.subscription
     WHERE i.node_id = ${node} AND i.method = 'parallel' AND i.publications_digest IS NOT NULL AND i.slot_name IS NOT NULL
     GROUP BY 1, 2, 3, 4, 5
     ORDER BY 1, 4, 5`);
  const names = [...new Set(rows.map(({ subscription }) => subscription))];
  return names.flatMap((subscription) => {
    const own = rows.filter((row) => row.subscription === subscription);
    const [first] = own;
    if (first === undefined) return [];
    const { slot, publicationsDigest } = first;
    const finished = own.filter(({ complete }) => complete).flatMap(tableOf);
    return [{ subscription, slot, publicationsDigest, finished, filled: own.flatMap(tableOf) }];
  });
};

const tableOf = ({ schema, name }: Row): readonly QualifiedName[] =>
  schema === null || name === null ? [] : [{ schema, name }];

/** Subscriptions that follow their copy already, with indexes or constraints that are still to be made again. */
export const readPostponedFor = async (
  session: Session,
  metadataVersion: number,
): Promise<readonly string[]> => {
  if (metadataVersion < ledgerSince) return [];
  const rows = await session.query<Pick<Row, 'subscription'>>(sql`
    SELECT DISTINCT p.subscription FROM steep_repl.copy_postponed AS p
     WHERE NOT EXISTS (SELECT FROM steep_repl.subscriptions_init AS i
                        WHERE i.subscription = p.subscription AND i.publications_digest IS NOT NULL)
     ORDER BY 1`);
  return rows.map(({ subscription }) => subscription);
};
