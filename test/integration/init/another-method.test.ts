// An initial copy by steep that was killed, and a steep.yaml that asks for another way to get the rows then: refused, with a
// cure that ends well.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { createWorld, killed, names, tables, topologyOf } from './interrupted-world.ts';

const keysOf = async (database: TestDatabase): Promise<number | undefined> => {
  const [row] = await database.query<{ readonly n: number }>(
    `SELECT count(*)::int AS n FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE '%_pkey'`,
  );
  return row?.n;
};

const rowsOf = async (database: TestDatabase): Promise<number | undefined> => {
  const [row] = await database.query<{ readonly n: number }>(
    `SELECT ${names.map((name) => `(SELECT count(*) FROM ${name})`).join(' + ')} AS n`,
  );
  return row === undefined ? undefined : Number(row.n);
};

/** What makes an unfinished copy one, taken from the record for a while. */
const forgotten = async (database: TestDatabase) => {
  const [row] = await database.query<{ readonly digest: string }>(
    'SELECT publications_digest AS digest FROM steep_repl.subscriptions_init',
  );
  await database.query('UPDATE steep_repl.subscriptions_init SET publications_digest = NULL');
  const remember = () =>
    database.query(
      `UPDATE steep_repl.subscriptions_init SET publications_digest = $1 WHERE subscription = 'feed'`,
      [row?.digest],
    );
  return { remember };
};

test.each([
  ['copy: native', { copy: 'native' }],
  ['method: none', { method: 'none' }],
])('%s after a copy that was killed', async (_name, init) => {
  const world = await createWorld(newestMajor);
  const { project, publisher, subscriber, slot } = world;
  await killed(world);
  const { publications, subscriptions } = topologyOf(slot);
  const { feed } = subscriptions;
  await project.describe({ publications, subscriptions: { feed: { ...feed, init } } });
  const refused = await project.steep('apply', '--auto-approve', '--force');
  expect(refused.code, refused.stdout).toBe(3);
  expect(refused.stdout).toMatch(/BLOCK +COPY_UNFINISHED/);
  expect(refused.stdout).toContain('steep init cancel subscriber');

  const cancelled = await project.steep('init', 'cancel', 'subscriber', '--auto-approve');
  expect(cancelled.code, cancelled.stdout + cancelled.stderr).toBe(0);
  expect([await rowsOf(subscriber), await keysOf(subscriber)]).toEqual([0, names.length]);

  await project.describe({
    publications,
    subscriptions: { feed: { ...feed, init: { copy: 'native' } } },
  });
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, tables);
  expect(await keysOf(subscriber)).toBe(names.length);
});

test('--prune does not empty, without consent, what the subscription has copied under another name since', async () => {
  const world = await createWorld(newestMajor);
  const { project, publisher, subscriber, slot } = world;
  await killed(world);
  const { publications, subscriptions } = topologyOf(slot);
  const renamed = { ...subscriptions.feed, slot: `${slot}_2` };
  await project.describe({ publications, subscriptions: { feed2: renamed } });
  const emptied = 'TARGET_TRUNCATE=subscriber/subscription.feed2';
  // As versions did that did not refuse it.
  const unseen = await forgotten(subscriber);
  const copied = await project.steep(
    'apply',
    '--auto-approve',
    '--force',
    `--allow-hazard=${emptied}`,
  );
  expect(copied.code, copied.stdout + copied.stderr).toBe(0);
  await unseen.remember();
  const agreed = `SLOT_DROP=publisher/slot.${slot}`;
  const refused = await project.steep(
    'apply',
    '--auto-approve',
    '--prune',
    `--allow-hazard=${agreed}`,
  );
  expect(refused.code, refused.stdout).toBe(3);
  expect(refused.stderr).toMatch(/TARGET_TRUNCATE subscriber\/subscription\.feed: .*feed2/);
  await waitForSameRows(publisher, subscriber, tables);
});
