// Settings that the workers of PostgreSQL obey and steep cannot fix for them: the plan names them before a row flows.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { reportOf } from '../../support/report.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createEdge, edgeSteps, items, startOf } from '../../support/worlds/edge.ts';

const cures = /ALTER ROLE \S+ IN DATABASE \S+ SET [^;]+;/g;

test.each(lastByDay([Math.min(...majors), newestMajor]))(
  '%i: a setting that changes values is a block, and its cure lets every value through',
  async (major) => {
    const subscriber = await cluster.server(major);
    const edge = await createEdge({ publisher: await cluster.server(newestMajor), subscriber });
    for (const database of [edge.publisher, edge.subscriber])
      await database.query('CREATE TABLE "größen" (id int PRIMARY KEY, sizes text[], name text)');
    await edge.publisher.query(`INSERT INTO "größen" VALUES (1, ARRAY['a', NULL], 'ä')`);
    const publications = { items: { node: 'publisher', tables: ['items', '"größen"'] } };
    await edge.project.describe({ ...edge.topology, publications });
    for (const setting of [
      'array_nulls = off',
      `client_encoding = 'LATIN1'`,
      `xmloption = 'document'`,
    ])
      await edge.subscriber.query(`ALTER DATABASE ${edge.subscriber.name} SET ${setting}`);
    const refused = await edge.project.steep('apply', '--auto-approve');
    expect(refused.code).toBe(3);
    expect(refused.stdout).toMatch(/BLOCK +WORKER_SETTING/);
    const found = [...new Set(refused.stdout.match(cures))];
    expect(found).toHaveLength(3);
    for (const cure of found) await edge.subscriber.query(cure);
    const applied = await edge.project.steep('apply', '--auto-approve');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    await edge.publisher.query(`INSERT INTO "größen" VALUES (2, ARRAY[NULL, 'b'], 'ö')`);
    await waitForSameRows(edge.publisher, edge.subscriber, [
      items,
      { schema: 'public', name: 'größen' },
    ]);
    // Of a subscription that is there it is reported, too.
    await edge.subscriber.query(
      `ALTER ROLE ALL IN DATABASE ${edge.subscriber.name} SET default_transaction_read_only = on`,
    );
    const later = await edge.project.steep('plan');
    expect(later.code).toBe(0);
    expect(later.stdout).toMatch(/warning +WORKER_SETTING/);
  },
);

test('a setting that comes while rows are copied is said at the end, and by the next plan', async () => {
  const edge = await createEdge();
  const lock = await holdTransaction(edge.subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = edge.project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  await run.until(startOf(edgeSteps.copyTables));
  await edge.subscriber.query(
    `ALTER ROLE ALL IN DATABASE ${edge.subscriber.name} SET array_nulls = off`,
  );
  await lock.commit();
  const ended = await run.result;
  expect(ended.code, ended.stdout + ended.stderr).toBe(8);
  expect(reportOf(ended)).toMatchObject({
    outcome: 'not-converged',
    behind: [expect.stringMatching(/^Node subscriber: array_nulls = off .* compare the tables\.$/)],
  });
  const later = await edge.project.steep('plan');
  expect(later.stdout).toMatch(/warning +WORKER_SETTING/);
});
