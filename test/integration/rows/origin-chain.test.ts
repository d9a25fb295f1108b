// Three nodes in a row, the second edge with origin = none: what comes from the first never reaches the third.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject } from '../../support/worlds/project.ts';

const withOrigin = majors.filter((major) => major >= 16);

test.each([...new Set([withOrigin[0], withOrigin.at(-1)])].filter((major) => major !== undefined))(
  '%s: a chain with origin = none',
  async (major) => {
    const server = await cluster.server(major);
    const [first, second, third] = [
      await server.createDatabase(),
      await server.createDatabase(),
      await server.createDatabase(),
    ];
    onTestFinished(async () => {
      for (const database of [third, second, first]) await database.drop();
    });
    for (const database of [first, second, third])
      await database.query('CREATE TABLE items (id int PRIMARY KEY)');
    const edge = (node: string, source: string, options: object = {}) => ({
      node,
      source,
      publications: [source],
      slot: `${node}_${source}_${first.name}`,
      options,
    });
    const topology = (options: object) => ({
      publications: {
        first: { node: 'first', tables: ['items'] },
        second: { node: 'second', tables: ['items'] },
      },
      subscriptions: {
        second: edge('second', 'first'),
        third: edge('third', 'second', options),
      },
    });
    const connections = { first: first.url, second: second.url, third: third.url };
    const project = await createProject(connections, topology({ origin: 'none' }));
    const steep = async (exit: number, ...args: readonly string[]) => {
      const { code, stdout, stderr } = await project.steep(...args);
      expect(code, `${args.join(' ')}\n${stdout}${stderr}`).toBe(exit);
      return stdout;
    };
    expect(await steep(0, 'plan')).toMatch(/DANGER +ORIGIN_CHAIN +third has origin: none/);
    const allow = ['--allow-hazard', 'ORIGIN_CHAIN=third/subscription.third'];
    await steep(3, 'apply', '--auto-approve');
    await steep(0, 'apply', '--auto-approve', ...allow);
    // What it warns of: a later row shows that the earlier one was passed over.
    await first.query('INSERT INTO items VALUES (1)');
    await waitFor('the row on the second node', async () => {
      const rows = await second.query('SELECT FROM items');
      return rows.length === 1;
    });
    await second.query('INSERT INTO items VALUES (2)');
    await waitFor('the row on the third node', async () => {
      const rows = await third.query('SELECT FROM items');
      return rows.length > 0;
    });
    expect(await third.query('SELECT id FROM items')).toEqual([{ id: 2 }]);
    await second.query('DELETE FROM items WHERE id = 2');
    await project.describe(topology({ origin: 'any' }));
    expect(await steep(0, 'plan')).not.toContain('ORIGIN_CHAIN');
    await steep(0, 'apply', '--auto-approve');
    await first.query('INSERT INTO items VALUES (3)');
    await waitFor('what the first node writes from now on', async () => {
      const rows = await third.query('SELECT FROM items WHERE id = 3');
      return rows.length === 1;
    });
    await waitForSameRows(first, second, [{ schema: 'public', name: 'items' }]);
  },
);
