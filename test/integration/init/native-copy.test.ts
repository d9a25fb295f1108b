// A copy by PostgreSQL that a run left, and what the next plan says of the tables that are ready.

import { expect, test } from 'vitest';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge } from '../../support/worlds/edge.ts';

test('ready tables, and tables with partitions, are named', async () => {
  const server = await cluster.server(newestMajor);
  const edge = await createEdge({ publisher: server, subscriber: server, copy: 'native' });
  const { publisher, subscriber, project, topology } = edge;
  for (const database of [publisher, subscriber]) {
    await database.query(`
      CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE early PARTITION OF parts FOR VALUES FROM (0) TO (1000)`);
  }
  await project.describe({
    ...topology,
    publications: { items: { node: 'publisher', tables: ['items', 'parts'] } },
  });
  const lock = await holdTransaction(subscriber, 'LOCK TABLE early IN SHARE MODE');
  const first = await project.steep('plan');
  expect(first.stdout).toMatch(/notice +NATIVE_COPY_UNCHECKED +PostgreSQL copies public\.early/);
  const started = await project.steep('apply', '--auto-approve', '--no-wait');
  expect(started.code, started.stdout + started.stderr).toBe(0);
  await waitFor('one table to be ready', async () => {
    const rows = await subscriber.query<{ state: string }>(
      `SELECT srsubstate AS state FROM pg_subscription_rel AS r JOIN pg_class AS c ON c.oid = r.srrelid
        JOIN pg_subscription AS s ON s.oid = r.srsubid
       WHERE c.relname = 'items' AND srsubstate = 'r'`,
    );
    return rows.length > 0;
  });
  const again = await project.steep('plan');
  expect(again.stdout).toMatch(
    /notice +NATIVE_COPY_UNCHECKED +PostgreSQL has already copied public\.items for items/,
  );
  expect(again.stdout).toContain('PostgreSQL copies public.early');
  await lock.commit();
});
