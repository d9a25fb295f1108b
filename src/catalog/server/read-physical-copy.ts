// What tells whether a server is a physical copy, up to where it holds the changes of the server that it was
// made of, and what it has done since.

import type { QualifiedName } from '../../model/identifier.ts';
import type { PhysicalFacts, WrittenTable } from '../../model/state/restored-node.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { readAllSubscriptions } from '../objects/read-all-subscriptions.ts';

/** Where a connection leads: two that agree on when the server was started lead to the same one. */
export const readPlace = async (
  session: Session,
): Promise<{ readonly started: string; readonly database: string }> => {
  const [row] = await session.query<{ readonly started: string; readonly database: string }>(sql`
    SELECT pg_catalog.pg_postmaster_start_time()::text AS started,
           pg_catalog.current_database()::text AS database`);
  return row ?? { started: '', database: '' };
};

/**
 * The history of the timeline that it writes to: a line for each one before it, with the position at which
 * recovery ended. Null: it is on the first one, or the role may not read files of the server.
 */
const readHistory = async (session: Session, timeline: number): Promise<string | null> => {
  const [may] = await session.query<{ readonly may: boolean }>(sql`
    SELECT pg_catalog.has_function_privilege(
             'pg_catalog.pg_read_file(text, bigint, bigint, boolean)', 'EXECUTE') AS may`);
  if (may?.may !== true) return null;
  const file = `pg_wal/${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const [row] = await session.query<{ readonly text: string | null }>(
    sql`SELECT pg_catalog.pg_read_file(${file}, 0, 1000000, true) AS text`,
  );
  return row?.text ?? null;
};

/** `1\t0/3000148\tno recovery target specified`: the last one is where this timeline begins. */
const parseHistory = (text: string): PhysicalFacts['origin'] => {
  const last = text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => /^\d/.test(line));
  const [, timeline, lsn] = /^(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/.exec(last ?? '') ?? [];
  return timeline === undefined || lsn === undefined ? null : { timeline: Number(timeline), lsn };
};

/** Recovery starts the counters again, and counts nothing of what it applies. */
const readWrites = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly WrittenTable[]> =>
  session.query<WrittenTable>(sql`
    SELECT pg_catalog.json_build_object('schema', t.schemaname, 'name', t.relname) AS table,
           t.n_tup_ins + t.n_tup_upd + t.n_tup_del AS rows
      FROM pg_catalog.pg_stat_user_tables AS t
     WHERE t.n_tup_ins + t.n_tup_upd + t.n_tup_del > 0
       AND (t.schemaname, t.relname) IN (
           SELECT * FROM ROWS FROM (
             pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
             pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])))
     ORDER BY t.schemaname, t.relname`);

const readPreparedTransactions = async (session: Session): Promise<readonly string[]> => {
  const rows = await session.query<{ readonly gid: string }>(sql`
    SELECT x.gid FROM pg_catalog.pg_prepared_xacts AS x
     WHERE x.database = pg_catalog.current_database() ORDER BY x.gid`);
  return rows.map(({ gid }) => gid);
};

export const readPhysicalFacts = async (
  session: Session,
  timeline: number,
  tables: readonly QualifiedName[],
): Promise<PhysicalFacts> => {
  const history = await readHistory(session, timeline);
  return {
    origin: history === null ? null : parseHistory(history),
    subscriptions: await readAllSubscriptions(session),
    preparedTransactions: await readPreparedTransactions(session),
    writes: await readWrites(session, tables),
  };
};
