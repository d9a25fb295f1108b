// A marker in the WAL of a source. Subscribers do not get such messages, but a subscriber that has confirmed the
// position has got everything that was committed before it.

import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** Writes one, and returns its LSN. As a transaction it is flushed at once, so that also an idle source sends it on. */
export const markSource = async (session: Session): Promise<string> => {
  const [row] = await session.query<{ readonly lsn: string }>(
    sql`SELECT pg_catalog.pg_logical_emit_message(true, 'steep', 'converge')::text AS lsn`,
  );
  return row?.lsn ?? '0/0';
};
