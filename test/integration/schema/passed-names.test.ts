// Names that columns of the publisher pass on to each other between two applies: a chain is renamed, and where two readings
// are possible it is a block, whose cure works as it is printed.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { createEdge, type Edge, items } from '../../support/worlds/edge.ts';

const begin = async (): Promise<Edge> => {
  const edge = await createEdge();
  const { project, publisher, subscriber, topology } = edge;
  for (const database of [publisher, subscriber])
    await database.query(
      'ALTER TABLE items ADD a int, ADD b int UNIQUE, ADD twice int GENERATED ALWAYS AS (a * 2) STORED',
    );
  await publisher.query('UPDATE items SET a = id, b = -id');
  const subscriptions = topology.subscriptions as Record<string, object>;
  await project.describe({
    ...topology,
    subscriptions: { items: { ...subscriptions.items, schema_sync: 'auto' } },
  });
  await apply(edge);
  return edge;
};

const apply = async ({ project }: Edge, ...flags: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve', ...flags);
  expect(code, stdout + stderr).toBe(0);
  return stdout;
};

const expectCarried = async ({ project, publisher, subscriber }: Edge): Promise<void> => {
  await waitForSameRows(publisher, subscriber, [items]);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
};

test('a chain, with rows under the old and the new names, and a new type', async () => {
  const edge = await begin();
  await edge.publisher.query('INSERT INTO items (id, a, b) VALUES (101, 1, 2)');
  await edge.publisher.query(`ALTER TABLE items RENAME b TO c; ALTER TABLE items RENAME a TO b;
    ALTER TABLE items RENAME note TO a; ALTER TABLE items ALTER c TYPE bigint`);
  await edge.publisher.query(`INSERT INTO items (id, a, b, c) VALUES (102, 'x', 1, 5000000000);
    UPDATE items SET b = 7 WHERE id < 10`);
  const said = await apply(edge);
  expect(said).not.toMatch(/DANGER|DROP COLUMN/);
  const renamed = [...said.matchAll(/RENAME COLUMN "?(\w+)"? TO/g)].map(([, name]) => name);
  expect(renamed.slice(0, 3)).toEqual(['b', 'a', 'note']);
  await expectCarried(edge);
});

test.each([
  [
    'two columns exchange their names',
    'ALTER TABLE items RENAME a TO x; ALTER TABLE items RENAME b TO a; ALTER TABLE items RENAME x TO b',
  ],
  [
    'another column has the name now, with another type',
    'ALTER TABLE items RENAME a TO c; ALTER TABLE items RENAME b TO b2; ALTER TABLE items ALTER b2 TYPE text; ALTER TABLE items ADD b bigint, ADD a text',
  ],
  [
    'another column has the name of a dropped one',
    `ALTER TABLE items DROP a CASCADE; ALTER TABLE items ADD a int, ADD twice int GENERATED ALWAYS AS (a * 3) STORED;
     UPDATE items SET note = 'later'`,
  ],
  [
    'so that both ends look the same',
    `ALTER TABLE items DROP twice; ALTER TABLE items ADD twice int GENERATED ALWAYS AS (a * 2) STORED; ALTER TABLE items DROP note, ADD note text;
     ALTER TABLE items DROP b, ADD b int UNIQUE`,
  ],
])('%s: a block, and a copy', async (_, ddl) => {
  const edge = await begin();
  await edge.publisher.query('INSERT INTO items (id, a, b) VALUES (101, 1, 2)');
  await edge.publisher.query(ddl);
  await edge.publisher.query(
    'INSERT INTO items (id, a) VALUES (102, 3); UPDATE items SET b = 7 WHERE id = 5',
  );
  const { code, stdout } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stdout).toBe(3);
  expect(stdout).toContain('changes from before and after could be taken for each other');
  const [, cure = ''] = /steep apply --reinit '?([^\s']+)'?/.exec(stdout) ?? [];
  const asked = await edge.project.steep('plan', '--reinit', cure);
  const consents = [...asked.stdout.matchAll(/--allow-hazard '?([A-Z_]+=[^\s']+)'?/g)].flatMap(
    ([, it = '']) => ['--allow-hazard', it],
  );
  await apply(edge, '--reinit', cure, ...consents);
  await expectCarried(edge);
});
