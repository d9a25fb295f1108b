// One table that a subscription gets through several publications: what PostgreSQL would copy twice or refuses is a
// block in the plan, and what it combines is reported.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

const widest = lastByDay([...new Set([Math.min(...majors), newestMajor])]);
const filtering = widest.filter((major) => major > 14);

const schema = `CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE early PARTITION OF parts FOR VALUES FROM (0) TO (1000);
  CREATE TABLE late PARTITION OF parts FOR VALUES FROM (1000) TO (2000)`;

const edgeOf = async (major: number, tables = schema): Promise<Edge> => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  for (const database of [edge.publisher, edge.subscriber]) await database.query(tables);
  return edge;
};

type Tables = readonly (string | object)[];

const describeTwo = async ({ project, topology }: Edge, first: Tables, second: Tables) => {
  const both = { ...topology.subscriptions?.items, publications: ['first', 'second'] };
  await project.describe({
    publications: {
      first: { node: 'publisher', tables: first, publish_via_partition_root: true },
      second: { node: 'publisher', tables: second },
    },
    subscriptions: { items: both },
  });
};

const applied = async ({ project }: Edge): Promise<string> => {
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).toBe(0);
  return stdout;
};

const sameRows = ({ publisher, subscriber }: Edge, ...names: readonly string[]) =>
  waitForSameRows(
    publisher,
    subscriber,
    names.map((name) => ({ schema: 'public', name })),
  );

test.each(widest)('%i: a partitioned table and one of its partitions', async (major) => {
  const edge = await edgeOf(major);
  await edge.publisher.query(`INSERT INTO parts SELECT n, 'old' FROM generate_series(900, 1099) n`);
  await describeTwo(edge, ['parts'], ['early', 'items']);
  if (major < 16) {
    const plan = await edge.project.steep('plan');
    expect(plan.stdout).toMatch(/BLOCK +PARTITION_SENT_TWICE +Take public\.early out of second/);
    const refused = await edge.project.steep('apply', '--auto-approve');
    expect(refused.code, refused.stdout).toBe(3);
    await describeTwo(edge, ['parts'], ['items']);
  }
  expect(await applied(edge)).not.toContain('PARTITION_SENT_TWICE');
  await edge.publisher.query(`INSERT INTO parts VALUES (1, 'new'), (1999, 'new')`);
  await sameRows(edge, 'parts', 'early', 'late', 'items');
  expect((await edge.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});

test.each(filtering)(
  '%i: different columns are a block, different filters a notice',
  async (major) => {
    const edge = await edgeOf(major);
    await describeTwo(edge, [{ name: 'items', columns: ['id'] }], ['items']);
    const plan = await edge.project.steep('plan');
    expect(plan.stdout).toMatch(/BLOCK +COLUMN_LISTS_DIFFER/);
    expect(plan.stdout).toContain('public.items (first, second)');

    const columns = ['id', 'note'];
    await describeTwo(
      edge,
      [{ name: 'items', columns, where: 'id <= 10' }],
      [{ name: 'items', where: 'id > 90' }],
    );
    expect(await applied(edge)).toMatch(
      /notice +FILTERS_COMBINED +.* one of publications first, second/,
    );
    const ids = await edge.subscriber.query('SELECT count(*)::int, min(id), max(id) FROM items');
    expect(ids).toEqual([{ count: 20, min: 1, max: 100 }]);
  },
);

test.each(filtering)(
  '%i: a filter beside all tables of the schema does not count',
  async (major) => {
    const edge = await edgeOf(major);
    const { project, topology, subscriber } = edge;
    const describe = (publication: object) =>
      project.describe({
        publications: { items: { node: 'publisher', ...publication } },
        subscriptions: { items: { ...topology.subscriptions?.items, publications: ['items'] } },
      });
    const tables = [{ name: 'items', where: 'id <= 10' }];
    await describe({ schemas: ['public'], tables });
    const said = await applied(edge);
    expect(said).toMatch(
      /warning +FILTERS_COMBINED +Subscription items gets all rows of public\.items/,
    );
    expect(await subscriber.query('SELECT count(*)::int FROM items')).toEqual([{ count: 100 }]);
    await describe({ tables: [...tables, 'public.*'] });
    expect((await project.steep('plan')).stdout).not.toContain('FILTERS_COMBINED');
  },
);

test.each(filtering)('%i: a child by INHERITS beside its filtered parent', async (major) => {
  const edge = await edgeOf(
    major,
    `CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)`,
  );
  await describeTwo(edge, ['items'], [{ name: 'parent', where: 'id > 1' }, 'child']);
  const { code, stdout, stderr } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).not.toBe(0);
  expect(stdout + stderr).toContain('PUBLICATIONS_CONFLICT');
  expect(stdout + stderr).not.toContain('ALREADY_EXISTS');
});
