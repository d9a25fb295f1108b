// Reads what prevents holding tables: sessions that lock them exclusively or wait to, and a server whose table of locks
// is too small.

import { SteepError } from '../../model/errors.ts';
import type { Blocker } from '../../model/event.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

const named = (tables: readonly QualifiedName[]): Sql => sql`
  SELECT c.oid FROM ROWS FROM (
           pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
           pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name`;

/** Sessions that have one of the tables in ACCESS EXCLUSIVE mode, or wait to get it. A prepared transaction is pid 0. */
export const readExclusive = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly Blocker[]> =>
  session.query<Blocker>(sql`
    SELECT DISTINCT coalesce(k.pid, 0) AS pid, coalesce(a.application_name, '') AS application,
           CASE WHEN k.pid IS NULL THEN 'prepared' ELSE coalesce(a.state, 'unknown') END AS state,
           coalesce(pg_catalog.floor(EXTRACT(epoch FROM
             pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.backend_start))), 0)::int4 AS "ageSeconds"
      FROM pg_catalog.pg_locks AS k
      JOIN pg_catalog.pg_database AS d ON d.oid = k.database AND d.datname = pg_catalog.current_database()
      LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = k.pid
     WHERE k.locktype = 'relation' AND k.mode = 'AccessExclusiveLock' AND k.relation IN (${named(tables)})
     ORDER BY 1`);

interface FreeLocks {
  /** Entries of the table of locks that all sessions of the server share. */
  readonly room: number;
  readonly perTransaction: number;
  /** Of the tables: planning a query locks them, too. */
  readonly indexes: number;
}

/**
 * A full table of locks fails the statements of every session of the server.
 * @throws SteepError CONFIGURATION_LIMIT
 */
export const assertFreeLocks = async (
  session: Session,
  tables: readonly QualifiedName[],
  sessions: number,
): Promise<void> => {
  const [row] = await session.query<FreeLocks>(sql`
    SELECT pg_catalog.current_setting('max_locks_per_transaction')::int8 AS "perTransaction",
           pg_catalog.current_setting('max_locks_per_transaction')::int8
             * (pg_catalog.current_setting('max_connections')::int8
                + pg_catalog.current_setting('max_prepared_transactions')::int8) AS room,
           (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index AS i WHERE i.indrelid IN (${named(tables)})) AS indexes`);
  if (row === undefined) return;
  const wanted = (tables.length + row.indexes) * sessions;
  if (wanted <= row.room) return;
  const enough = Math.ceil((row.perTransaction * wanted) / row.room);
  throw new SteepError(
    'CONFIGURATION_LIMIT',
    `Node ${session.node}: holding ${tables.length} tables with ${row.indexes} indexes in ${sessions} sessions takes ${wanted} locks, but the server allows ${row.room}.`,
    {
      suggestions: [
        `On the source: ALTER SYSTEM SET max_locks_per_transaction = ${enough}; then restart the server.`,
        'Or copy with fewer workers: init: { parallel_workers: 1 }; or without holding the tables.',
      ],
    },
  );
};
