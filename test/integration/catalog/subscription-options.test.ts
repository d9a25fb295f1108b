// The table of subscription options says how each can be altered: asked of the servers themselves.

import { expect, test } from 'vitest';
import type { SubscriptionOptionFact } from '../../../src/model/state/server.ts';
import { featuresOf, parseServerVersion } from '../../../src/postgres/versions.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';

/** A value that is not the default. */
const others: Readonly<Record<string, string>> = {
  binary: 'true',
  streaming: 'on',
  synchronous_commit: 'local',
  two_phase: 'true',
  disable_on_error: 'true',
  password_required: 'false',
  run_as_owner: 'true',
  origin: 'none',
  failover: 'true',
};

test.each(majors)('PostgreSQL %i alters options as the table says', async (major) => {
  const publisher = await cluster.database(major);
  const subscriber = await cluster.database(major);
  await publisher.query('CREATE PUBLICATION p');
  await publisher.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [
    subscriber.name,
  ]);
  await subscriber.query(
    `CREATE SUBSCRIPTION s CONNECTION '${publisher.conninfo.text.replaceAll("'", "''")}' PUBLICATION p
       WITH (create_slot = false, slot_name = '${subscriber.name}')`,
  );
  const [row] = await subscriber.query<{ readonly server_version: string }>('SHOW server_version');
  const { subscriptionOptions } = featuresOf(parseServerVersion(row?.server_version ?? ''));
  const found: Record<string, string> = {};
  for (const option of subscriptionOptions) {
    found[option.name] = await howItAlters(subscriber, publisher, option);
  }
  expect(found).toEqual(
    Object.fromEntries(subscriptionOptions.map(({ name, alter }) => [name, alter])),
  );
});

async function howItAlters(
  subscriber: TestDatabase,
  publisher: TestDatabase,
  { name, default: default_ }: SubscriptionOptionFact,
): Promise<SubscriptionOptionFact['alter']> {
  const set = (value: string) =>
    subscriber.query(`ALTER SUBSCRIPTION s SET (${name} = ${value})`).then(
      () => true,
      () => false,
    );
  if (await set(others[name] ?? '')) {
    await set(default_);
    return 'online';
  }
  await subscriber.query('ALTER SUBSCRIPTION s DISABLE');
  await waitFor('the worker to stop', async () => {
    const [slot] = await publisher.query<{ readonly active: boolean }>(
      'SELECT active FROM pg_replication_slots WHERE slot_name = $1',
      [subscriber.name],
    );
    const workers = await subscriber.query(
      "SELECT 1 FROM pg_stat_subscription WHERE subname = 's' AND pid IS NOT NULL",
    );
    return slot?.active === false && workers.length === 0;
  });
  const changed = await set(others[name] ?? '');
  if (changed) await set(default_);
  await subscriber.query('ALTER SUBSCRIPTION s ENABLE');
  return changed ? 'disabled' : 'never';
}
