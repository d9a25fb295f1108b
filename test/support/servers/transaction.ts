// Another session that blocks: it does something in a transaction and leaves that open.

import { Client } from 'pg';
import { onTestFinished } from './clean-up.ts';
import { type TestDatabase, urlOf } from './test-database.ts';

export interface HeldTransaction {
  readonly pid: number;
  commit(): Promise<void>;
}

/** What pg_stat_activity calls these sessions. */
export const holderName = 'nightly report';

/** Runs the statement in a transaction of a session of its own, which stays until commit() or the test's end. */
export async function holdTransaction(
  { conninfo }: Pick<TestDatabase, 'conninfo'>,
  statement: string,
): Promise<HeldTransaction> {
  const client = new Client({
    connectionString: urlOf(conninfo),
    application_name: holderName,
  });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query(statement);
  const { rows } = await client.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');
  return {
    pid: rows[0]?.pid ?? 0,
    commit: async () => {
      await client.query('COMMIT');
      await client.end();
    },
  };
}
