// The lease of a worker: an advisory lock of its session on a number that nobody knew before. It ends with the session, so
// that what the worker had is free at once when its process dies.

import { randomInt } from 'node:crypto';
import type { Session } from '../../postgres/session.ts';
import { ddl, sql } from '../../postgres/sql/sql.ts';

/** The bytes of `steg`, as in the comment on steep_repl.work_queue.lease. */
const leaseClass = 1_937_007_975;

const largest = 2 ** 31 - 1;

/**
 * The number of the lease, for as long as the session lives. A migration that is under way ends first: either it sees the
 * lease, or the worker sees its version.
 * @param assertCurrent that steep_repl has the version of this steep; called again once no migration is under way.
 */
export const takeLease = async (
  session: Session,
  assertCurrent: (session: Session) => Promise<void>,
): Promise<number> => {
  await assertCurrent(session);
  return session.transaction({}, async () => {
    await session.query(ddl`LOCK TABLE steep_repl.schema_version IN SHARE MODE`);
    const lease = await freeLease(session);
    await assertCurrent(session);
    return lease;
  });
};

/** Of the session: it stays when the transaction ends, also where that fails. */
const freeLease = async (session: Session): Promise<number> => {
  for (;;) {
    const lease = randomInt(1, largest);
    const [row] = await session.query<{ readonly taken: boolean }>(
      sql`SELECT pg_catalog.pg_try_advisory_lock(${leaseClass}, ${lease}) AS taken`,
    );
    if (row?.taken === true) return lease;
  }
};
