// Compares a node's clock with this machine's. One statement: its round trip bounds the error.

import type { ClockFacts } from '../../model/report/doctor-facts.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** `now` is this machine's time of day. */
export const readClock = async (session: Session, now: () => Date): Promise<ClockFacts> => {
  const before = now().getTime();
  const [row] = await session.query<{ readonly ms: number }>(sql`
    SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000 AS ms`);
  const after = now().getTime();
  const middle = (before + after) / 2;
  return { aheadMs: (row?.ms ?? middle) - middle, uncertaintyMs: (after - before) / 2 };
};
