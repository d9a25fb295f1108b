// Tables that inherit (INHERITS) from other published tables: PostgreSQL publishes them with their parents, and steep copies
// each alone.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { createEdge } from '../../support/worlds/edge.ts';

const widest = [...new Set([Math.min(...majors), Math.max(...majors)])];
const names = ['parent', 'child', 'grandchild'];

test.each(widest)('%i: those that inherit are copied again', async (major) => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  const { publisher, subscriber, project } = edge;
  for (const database of [publisher, subscriber]) {
    await database.query(`
      CREATE TABLE parent (id int PRIMARY KEY, note text);
      CREATE TABLE child (more int, PRIMARY KEY (id)) INHERITS (parent);
      CREATE TABLE grandchild (PRIMARY KEY (id)) INHERITS (child)`);
  }
  await publisher.query(`
    INSERT INTO parent SELECT n, 'parent' FROM generate_series(1, 100) n;
    INSERT INTO child SELECT n, 'child', n FROM generate_series(101, 200) n;
    INSERT INTO grandchild SELECT n, 'grandchild', n FROM generate_series(201, 300) n`);
  await project.describe({
    ...edge.topology,
    publications: { items: { node: 'publisher', tables: ['items', ...names] } },
  });
  const first = await project.steep('apply', '--auto-approve');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  const tables = names.map((name) => ({ schema: 'public', name }));
  await waitForSameRows(publisher, subscriber, tables);
  for (const chosen of [['grandchild'], ['child', 'grandchild']]) {
    const addresses = chosen.map((name) => `subscriber/copy.items:public.${name}`);
    const chosenAddresses = addresses.flatMap((address) => ['--reinit', address]);
    const again = await project.steep(
      'apply',
      '--auto-approve',
      '--allow-hazard',
      'TARGET_TRUNCATE=subscriber/subscription.items',
      ...chosenAddresses,
    );
    expect(again.code, again.stdout + again.stderr).toBe(0);
    await publisher.query(`INSERT INTO grandchild VALUES (${1000 + chosen.length}, 'later')`);
    await waitForSameRows(publisher, subscriber, tables);
  }
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});
