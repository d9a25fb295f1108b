// How far apart the clocks of two nodes are: of times that are closer, neither is the later one.

import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import type { BothNodes } from './merged-table.ts';

const readMicros = async (session: Session): Promise<number> => {
  const [row] = await session.query<{ readonly micros: number }>(
    sql`SELECT (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::int8 AS micros`,
  );
  return row?.micros ?? 0;
};

/** Microseconds, at most: the clock of `b` was read between two looks at that of `a`. */
export const readClockSkew = async ({ a, b }: BothNodes): Promise<bigint> => {
  const before = await readMicros(a);
  const between = await readMicros(b);
  const after = await readMicros(a);
  return BigInt(Math.max(Math.abs(between - before), Math.abs(after - between)));
};
