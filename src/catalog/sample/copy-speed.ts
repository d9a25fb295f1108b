// How fast a server could send the rows of a copy: what reading some of them takes, and what fetching as many bytes does.

import type { WantedSample } from '../../model/plan/row-sample.ts';
import type { Session } from '../../postgres/session.ts';
import { onlyTable } from '../../postgres/sql/named-tables.ts';
import { literal, sql } from '../../postgres/sql/sql.ts';
import { limited, look, rowBytes, type SampleLimits } from './sample-access.ts';

/** Blocks that are read to see how fast that is. */
const timedBlocks = 256;

/** How fast the server reads rows of this table and makes of them what is sent, in bytes a second; null: too few, or unknown. */
export const readSpeed = (
  session: Session,
  wanted: WantedSample,
  { budgetMs, clock }: SampleLimits,
): Promise<number | null> => {
  const end = clock() + budgetMs;
  return look(
    session,
    [wanted],
    () => end - clock(),
    async (access, [allowed]) => {
      if (allowed === undefined) return null;
      await limited(access);
      const away = await timeOf(clock, () => session.query(sql`SELECT 1`));
      const [row, took] = await timed(clock, () =>
        session.query<{ readonly bytes: number | null }>(sql`
          SELECT pg_catalog.sum(${rowBytes(allowed)})::float8 AS bytes FROM ${onlyTable(allowed.table, access.kinds)} AS t
           WHERE t.ctid < ${literal(`(${timedBlocks},0)`)}::pg_catalog.tid`),
      );
      const bytes = row[0]?.bytes ?? 0;
      return bytes < timedBytes ? null : (bytes * 1000) / Math.max(1, took - away);
    },
  );
};

/** Below, the figure says nothing. */
const timedBytes = 512 * 1024;

/** What is fetched to see how fast that is. */
const fetchedBytes = 256 * 1024;

/** How fast bytes come from the server, in bytes a second; null: it could not be asked. */
export const lineSpeed = async (
  session: Session,
  clock: SampleLimits['clock'],
): Promise<number | null> => {
  const away = await timeOf(clock, () => session.query(sql`SELECT 1`));
  const took = await timeOf(clock, () =>
    session.query(sql`SELECT pg_catalog.repeat('x', ${fetchedBytes}::int4)`),
  );
  return (fetchedBytes * 1000) / Math.max(1, took - away);
};

const timed = async <T>(
  clock: () => number,
  body: () => Promise<T>,
): Promise<readonly [T, number]> => {
  const started = clock();
  return [await body(), clock() - started];
};

const timeOf = async (clock: () => number, body: () => Promise<unknown>): Promise<number> =>
  (await timed(clock, body))[1];
