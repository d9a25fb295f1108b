// How much memory the target may use to build one index. A server does not say how much it has: shared_buffers,
// by habit a quarter of it, has to speak for it.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

const atMost = 1024 * 1024;

/** In kB: what shared_buffers has for each worker, at most 1 GB, and never less than the server's own setting. */
export const maintenanceWorkMem = async (
  target: Session,
  workers: number,
  asked: string | null,
): Promise<string | null> => {
  if (asked !== null) return asked;
  const [row] = await target.query<{ readonly own: number; readonly buffers: number }>(sql`
    SELECT (SELECT s.setting::int8 FROM pg_catalog.pg_settings AS s WHERE s.name = 'maintenance_work_mem') AS own,
           (SELECT s.setting::int8 * pg_catalog.current_setting('block_size')::int8 / 1024
              FROM pg_catalog.pg_settings AS s WHERE s.name = 'shared_buffers') AS buffers`);
  if (row === undefined) return null;
  const share = Math.min(atMost, Math.floor(row.buffers / Math.max(1, workers)));
  return share > row.own ? `${share}kB` : null;
};
