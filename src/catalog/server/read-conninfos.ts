// Reads the connection strings of subscriptions. They may hold passwords: who imports this file keeps them
// from people. The rest of the catalog uses read-subscriptions.ts, which hands on a verdict only.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import { parseConninfo } from '../../postgres/connect/conninfo-text.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** The raw strings of this database, by subscription. Fails where the role may not read them. */
export const readConninfos = async (session: Session): Promise<ReadonlyMap<string, string>> => {
  const rows = await session.query<{ readonly name: string; readonly conninfo: string }>(sql`
    SELECT s.subname::text AS name, s.subconninfo AS conninfo FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
     ORDER BY s.subname`);
  return new Map(rows.map((row) => [row.name, row.conninfo]));
};

/** The connections of this database's subscriptions, by name; none of them where the role may not read them. */
export const readSubscriptionConnections = async (
  session: Session,
): Promise<ReadonlyMap<string, Conninfo>> => {
  const [row] = await session.query<{ readonly readable: boolean }>(sql`
    SELECT pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT') AS readable`);
  if (row?.readable !== true) return new Map();
  const found = [...(await readConninfos(session))].flatMap(([name, text]) => {
    const conninfo = parseConninfo(text);
    return conninfo === null ? [] : [[name, conninfo] as const];
  });
  return new Map(found);
};
