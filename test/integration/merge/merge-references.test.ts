// Merges that are refused for where steep_repl is, and for references.

import { expect, test } from 'vitest';
import { consentTo, createMerge, mergeOf, notesOf } from '../../support/worlds/merge.ts';

test('refused: a metadata database elsewhere, and references to rows that are not there', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, name, project } = world;
  const apply = ['apply', '--auto-approve', ...consentTo(name)] as const;
  const asked = mergeOf(name, { strategy: 'prefer-node-a' });
  await project.describe({ ...asked, nodes: { eu: { metadata_database: 'postgres' } } });
  const elsewhere = await project.steep('plan');
  expect(elsewhere.stdout).toMatch(/BLOCK +MERGE_AUDIT_ELSEWHERE/);
  expect((await project.steep(...apply)).code).toBe(3);
  await project.describe(asked);

  await eu.query(`INSERT INTO customers VALUES (3, 'c@x')`);
  await eu.query(`INSERT INTO orders VALUES (400, 3, 'of 3', now())`);
  const before = [await notesOf(us), await notesOf(eu)];
  const init = { method: 'merge', strategy: 'prefer-node-a' };
  const alone = { nodes: ['us', 'eu'], tables: ['orders'], init };
  await project.describe({ pairs: { [name]: alone } });
  const foreseen = await project.steep(...apply);
  expect(foreseen.code, foreseen.stdout + foreseen.stderr).toBe(3);
  expect(foreseen.stdout).toMatch(
    /MERGE_REFUSED .*MERGE_DANGLING[\s\S]*1 row[\s\S]*public.customers that node us[\s\S]*\(id\) = \(3\)/,
  );
  // What is not checked for all rows is not foreseen.
  for (const node of [us, eu]) {
    await node.query('ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey');
    await node.query(
      'ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customers NOT VALID',
    );
  }
  const dangling = await project.steep(...apply);
  expect(dangling.code, dangling.stdout + dangling.stderr).toBe(6);
  expect(dangling.stdout + dangling.stderr).toMatch(
    /MERGE_DANGLING[\s\S]*orders_customer_fkey: 1 row/,
  );
  expect([await notesOf(us), await notesOf(eu)]).toEqual(before);
});

test('foreign keys of partitioned tables: foreseen by the plan, and counted under the locks', async () => {
  const { us, eu, name, project } = await createMerge({ strategy: 'prefer-node-a' });
  for (const node of [us, eu]) {
    await node.query(`CREATE TYPE kind AS ENUM ('short', 'long')`);
    await node.query('CREATE TABLE kinds (kind kind PRIMARY KEY)');
    await node.query(
      'CREATE TABLE visits (id int PRIMARY KEY, customer int REFERENCES customers, kind kind REFERENCES kinds) PARTITION BY RANGE (id)',
    );
    await node.query('CREATE TABLE visits_1 PARTITION OF visits DEFAULT');
  }
  await eu.query(`INSERT INTO customers VALUES (3, 'c@x')`);
  await eu.query(`INSERT INTO kinds VALUES ('long')`);
  await eu.query(`INSERT INTO visits VALUES (1, 3, 'long')`);
  const init = { method: 'merge', strategy: 'prefer-node-a' };
  await project.describe({ pairs: { [name]: { nodes: ['us', 'eu'], tables: ['visits'], init } } });
  const apply = ['apply', '--auto-approve', ...consentTo(name)] as const;
  const foreseen = await project.steep(...apply);
  expect(foreseen.code, foreseen.stdout + foreseen.stderr).toBe(3);
  expect(foreseen.stdout).toMatch(/MERGE_REFUSED .*MERGE_DANGLING[\s\S]*1 row of public.visits_1/);
  await us.query(`INSERT INTO customers VALUES (3, 'c@x')`);
  // A type that is not built in is not foreseen.
  const counted = await project.steep(...apply);
  expect(counted.code, counted.stdout + counted.stderr).toBe(6);
  expect(counted.stdout + counted.stderr).toMatch(/MERGE_DANGLING[\s\S]*visits_kind_fkey: 1 row/);
  expect(await us.query('SELECT id FROM visits')).toEqual([]);
});
