// For queries of which the server expects far more rows than there are. It makes each hash table for as many at once, as
// large as work_mem allows: to fill and free that memory takes ten times as long as the query.

import { sessionSettings } from './pinned-settings.ts';
import type { Session } from './session.ts';
import { sql } from './sql/sql.ts';

/** PostgreSQL's own default. */
const little = '4MB';

/** In a transaction, the queries of the body have little work_mem; elsewhere nothing changes. */
export const withoutLargeHashTables = async <T>(
  session: Session,
  body: () => Promise<T>,
): Promise<T> => {
  await setWorkMem(session, little);
  const result = await body();
  // Where the body fails, the transaction is over, and its settings with it.
  await setWorkMem(session, sessionSettings.work_mem);
  return result;
};

const setWorkMem = async (session: Session, value: string): Promise<void> => {
  await session.query(sql`SELECT pg_catalog.set_config('work_mem', ${value}, true)`);
};
