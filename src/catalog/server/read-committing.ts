// Transactions that a snapshot does not show yet, and that may be committing at this moment.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** Ids of all that run now. */
export const readCommitting = async (session: Session): Promise<readonly string[]> => {
  const rows = await session.query<{ readonly id: string }>(sql`
    SELECT x.id::text AS id
      FROM pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot()) AS x (id)
     ORDER BY x.id`);
  return rows.map(({ id }) => id);
};

/**
 * How many of these have not ended. A session that is seen between two statements is not committing, and had not begun
 * to before; of sessions that are not seen, and of prepared transactions, only the end counts.
 */
export const readStillCommitting = async (
  session: Session,
  ids: readonly string[],
): Promise<number> => {
  const [row] = await session.query<{ readonly left: number }>(sql`
    SELECT pg_catalog.count(*) AS left
      FROM pg_catalog.unnest(${ids}::pg_catalog.xid8[]) AS w (id)
      JOIN pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot()) AS x (id) ON x.id = w.id
     WHERE NOT EXISTS (
             SELECT FROM pg_catalog.pg_stat_activity AS a
              WHERE a.backend_xid = w.id::pg_catalog.xid AND a.state = 'idle in transaction')`);
  return row?.left ?? 0;
};
