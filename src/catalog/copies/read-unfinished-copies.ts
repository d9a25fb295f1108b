// Initial copies by steep that were interrupted, as steep_repl of their node remembers them.

import type { QualifiedName } from '../../model/identifier.ts';
import type { SnapshotLoad } from '../../model/snapshot/snapshot-reading.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { UnfinishedCopy } from '../../model/state/state.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { readNotedAttempts } from '../slots/read-slot-identity.ts';

/** The version of steep_repl that has copy checkpoints. */
const checkpointsSince = 3;

/** The session that holds the run lock for the run that made the row `i`: it is there as long as the run is. */
const runOf = sql`
  (SELECT pg_catalog.min(a.application_name)
     FROM pg_catalog.pg_locks AS l
     JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
     JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.granted
      AND (l.locktype = 'advisory' OR l.relation = pg_catalog.to_regclass('steep_repl.run_lock'))
      AND pg_catalog.starts_with(a.application_name, 'steep ' || pg_catalog.left(i.run_id, 8) || ' '))`;

interface Row {
  readonly subscription: string;
  readonly checkpointsKey: string | null;
  readonly source: NodeName | null;
  readonly slot: string;
  readonly publicationsDigest: string;
  readonly schema: string | null;
  readonly name: string | null;
  readonly complete: boolean;
  readonly madeBy: string | null;
}

/** By subscription; empty where steep_repl is older, or not there. */
export const readUnfinishedCopies = async (
  session: Session,
  node: NodeName,
  metadataVersion: number,
): Promise<readonly UnfinishedCopy[]> => {
  if (metadataVersion < checkpointsSince) return [];
  const rows = await session.query<Row>(sql`
    SELECT i.subscription, i.ledger AS "checkpointsKey", i.source_node AS source, i.slot_name AS slot,
           i.publications_digest AS "publicationsDigest",
           c.table_schema AS schema, c.table_name AS name,
           COALESCE(pg_catalog.count(*) = pg_catalog.max(c.chunks), false) AS complete,
           ${runOf} AS "madeBy"
      FROM steep_repl.subscriptions_init AS i
      LEFT JOIN steep_repl.copy_chunks AS c ON c.subscription = COALESCE(i.ledger, i.subscription)
     WHERE i.node_id = ${node} AND i.publications_digest IS NOT NULL AND i.slot_name IS NOT NULL
     GROUP BY 1, 2, 3, 4, 5, 6, 7, i.run_id
     ORDER BY 1, 6, 7`);
  const attempts = await readNotedAttempts(session, metadataVersion);
  const deferred = await readDeferredTables(session);
  const names = [...new Set(rows.map(({ subscription }) => subscription))];
  return names.flatMap((subscription) => {
    const own = rows.filter((row) => row.subscription === subscription);
    const [first] = own;
    if (first === undefined) return [];
    const { checkpointsKey, source, slot, publicationsDigest, madeBy } = first;
    const from = source === null ? {} : { source };
    const tables = deferred.get(checkpointsKey ?? subscription);
    const rest = tables === undefined ? {} : { deferred: tables.flatMap(tableOf) };
    const finished = own.filter(({ complete }) => complete).flatMap(tableOf);
    const filled = own.flatMap(tableOf);
    const key = checkpointsKey === null ? {} : { checkpointsKey };
    const made = madeBy === null ? {} : { madeBy };
    const attempt = attempts.get(subscription);
    const noted = attempt === undefined ? {} : { noted: attempt };
    const copied = { finished, filled, ...rest, ...made, ...noted };
    return [{ subscription, ...key, ...from, slot, publicationsDigest, ...copied }];
  });
};

type Deferred = Pick<Row, 'schema' | 'name'> & { readonly key: string };

/** By the key of the copy checkpoints. */
const readDeferredTables = async (
  session: Session,
): Promise<ReadonlyMap<string, readonly Deferred[]>> => {
  const rows = await session.query<Deferred>(sql`
    SELECT DISTINCT p.subscription AS key, p.table_schema AS schema, p.table_name AS name
      FROM steep_repl.copy_postponed AS p
     ORDER BY 1, 2, 3`);
  return Map.groupBy(rows, ({ key }) => key);
};

/** What was loaded of a snapshot on storage, whomever it is for. */
export const readLoad = async (
  session: Session,
  checkpointsKey: string,
  metadataVersion: number,
): Promise<SnapshotLoad> => {
  if (metadataVersion < checkpointsSince) return { checkpointsKey, finished: [], filled: [] };
  const rows = await session.query<Pick<Row, 'schema' | 'name' | 'complete'>>(sql`
    SELECT c.table_schema AS schema, c.table_name AS name, pg_catalog.count(*) = pg_catalog.max(c.chunks) AS complete
      FROM steep_repl.copy_chunks AS c
     WHERE c.subscription = ${checkpointsKey}
     GROUP BY 1, 2
     ORDER BY 1, 2`);
  const finished = rows.filter(({ complete }) => complete).flatMap(tableOf);
  return { checkpointsKey, finished, filled: rows.flatMap(tableOf) };
};

const tableOf = ({ schema, name }: Pick<Row, 'schema' | 'name'>): readonly QualifiedName[] =>
  schema === null || name === null ? [] : [{ schema, name }];

/** Subscriptions that follow their copy already, with indexes or constraints that are still to be re-created. */
export const readDeferredFor = async (
  session: Session,
  metadataVersion: number,
): Promise<readonly string[]> => {
  if (metadataVersion < checkpointsSince) return [];
  const rows = await session.query<Pick<Row, 'subscription'>>(sql`
    SELECT DISTINCT p.subscription FROM steep_repl.copy_postponed AS p
     WHERE NOT EXISTS (SELECT FROM steep_repl.subscriptions_init AS i
                        WHERE COALESCE(i.ledger, i.subscription) = p.subscription AND i.publications_digest IS NOT NULL)
     ORDER BY 1`);
  return rows.map(({ subscription }) => subscription);
};
