// A table that joins what is published while steep copies is never taken for copied: the run stops, and the same command
// copies it too.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

const widest = [...new Set([Math.min(...majors), Math.max(...majors)])];

const edgeOf = async (major: number, tables: string, published: string): Promise<Edge> => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  for (const database of [edge.publisher, edge.subscriber]) await database.query(tables);
  await edge.project.describe({
    ...edge.topology,
    publications: { items: { node: 'publisher', tables: ['items', published] } },
  });
  return edge;
};

const expectSame = async ({ publisher, subscriber, project }: Edge, ...names: string[]) => {
  await waitForSameRows(
    publisher,
    subscriber,
    names.map((name) => ({ schema: 'public', name })),
  );
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
};

test.each(widest)('%i: a partition that is attached while its root is copied', async (major) => {
  const edge = await edgeOf(
    major,
    `CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
     CREATE TABLE early PARTITION OF parts FOR VALUES FROM (0) TO (1000);
     CREATE TABLE late (id int PRIMARY KEY, note text)`,
    'parts',
  );
  const { publisher, subscriber, project } = edge;
  await publisher.query(`INSERT INTO parts SELECT n, 'early' FROM generate_series(1, 500) n;
    INSERT INTO late SELECT n, 'late' FROM generate_series(1001, 1500) n`);
  const attach = 'ALTER TABLE parts ATTACH PARTITION late FOR VALUES FROM (1000) TO (2000)';
  await subscriber.query(attach);
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  await run.until(({ event, kind }) => event === 'run.step_started' && kind === 'copy-tables');
  await run.until(({ event }) => event === 'init.state_change' || event === 'init.table_started');
  await publisher.query(attach);
  await lock.commit();
  const { code, stdout } = await run.result;
  if (code !== 0) {
    expect(stdout).toContain('COPY_PUBLICATION_CHANGED');
    const again = await project.steep('apply', '--auto-approve');
    expect(again.code, again.stdout + again.stderr).toBe(0);
  }
  await expectSame(edge, 'parts', 'early', 'late');
});
