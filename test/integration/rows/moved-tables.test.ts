// Tables that move between the publications of one subscription while an application writes: no row is lost, without a
// question. STEEP_TEST_SEED chooses other moves; at night there are more of them.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { type RandomNumbers, randomNumbers } from '../../support/plans/random-numbers.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import { installed, type RowsWorld, rowsWorld } from './rows-world.ts';

const tables = ['t1', 't2', 't3', 't4', 't5'] as const;
const names = tables.map((name) => ({ schema: 'public', name }));
const publications = ['items', 'second', 'third'] as const;

type Placed = Readonly<Record<string, string>>;

/** Every table in one publication; a publication without tables is not in the file. */
const topology = (placed: Placed, slot: string, also: Placed = {}) => {
  const used = publications.filter((name) => Object.values(placed).includes(name));
  return {
    publications: Object.fromEntries(
      used.map((name) => [
        name,
        {
          node: 'publisher',
          tables: tables.filter((table) => placed[table] === name || also[table] === name),
        },
      ]),
    ),
    subscriptions: { items: { node: 'subscriber', source: 'publisher', publications: used, slot } },
  };
};

const place = (numbers: RandomNumbers): Placed =>
  Object.fromEntries(tables.map((table) => [table, numbers.pick(publications)]));

const world = (pair: readonly [number, number]): Promise<RowsWorld> =>
  rowsWorld({
    pair,
    tables: tables.map((it) => `CREATE TABLE ${it} (id int PRIMARY KEY, turn int)`).join(';'),
    publication: { tables },
  });

/** An insert, and an update of an earlier row, of every table in turn. */
const write = (turn: number): string => {
  const table = tables[turn % tables.length] ?? 't1';
  return `INSERT INTO ${table} VALUES (${turn}, 0); UPDATE ${table} SET turn = turn + 1 WHERE id IN (${turn - 5}, ${turn - 50})`;
};

const moves = process.env.STEEP_TEST_NIGHTLY === undefined ? 4 : 40;
const seed = Number(process.env.STEEP_TEST_SEED ?? 1);

test.each(
  installed([
    [14, 18],
    [18, 18],
  ]),
)('%s to %s: random moves', async (...pair) => {
  const { project, publisher, subscriber, slot, steep } = await world(pair);
  await steep(0, 'apply', '--auto-approve');
  const writer = await startWriter(publisher, write);
  const numbers = randomNumbers(seed);
  for (let move = 1; move <= moves; move += 1) {
    const placed = place(numbers);
    await project.describe(topology(placed, slot));
    const told = JSON.stringify({ seed, move, placed });
    const plan = await steep(0, 'plan', '--prune');
    expect(plan, `${told}\n${plan}`).not.toMatch(/DANGER|BLOCK/);
    await steep(0, 'apply', '--auto-approve', '--prune');
    const again = await steep(0, 'plan', '--prune');
    expect(again, told).toContain('No changes');
  }
  await writer.stop();
  await waitForSameRows(publisher, subscriber, names);
});
