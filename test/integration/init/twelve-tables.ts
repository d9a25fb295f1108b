// Twelve tables that refer to each other, between two servers, and an application that writes to all of them.

import { onTestFinished } from '../../support/servers/clean-up.ts';
import type { TestDatabase, TestServer } from '../../support/servers/cluster.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

const tableCount = 12;

const names = Array.from({ length: tableCount }, (_, index) => `t${index}`);
export const tables = names.map((name) => ({ schema: 'public', name }));

/** Each with a key, a secondary and a unique index; each refers to the one before. */
const definition = (name: string, index: number): string => `
  CREATE TABLE ${name} (id int PRIMARY KEY, ref int, note text NOT NULL, amount numeric(12, 2), at timestamptz DEFAULT now());
  CREATE INDEX ${name}_note ON ${name} (note) WHERE amount > 10;
  CREATE UNIQUE INDEX ${name}_at ON ${name} (id, at);
  ${index === 0 ? '' : `ALTER TABLE ${name} ADD FOREIGN KEY (ref) REFERENCES t${index - 1} (id) DEFERRABLE;`}`;

/** How many rows the table with this number has. */
export type RowsOf = (index: number) => number;

const usualRows =
  (rowsOfFirst: number): RowsOf =>
  (index) => {
    if (index === 0) return rowsOfFirst;
    return index % 4 === 0 ? 30_000 : 3000;
  };

const filling = (name: string, index: number, rowsOf: RowsOf): string =>
  `INSERT INTO ${name} SELECT n, CASE WHEN ${index} > 0 AND n < 100 THEN n END, repeat(md5(n::text), 3), n / 7.0, '2026-01-01'::timestamptz + n * interval '1 s'
     FROM generate_series(1, ${rowsOf(index)}) n`;

/** One turn of the application: inserts, updates, deletes, changes of keys, and an emptied table. */
export const write = (turn: number): string => {
  const name = `t${turn % tableCount}`;
  const id = 1_000_000 + turn;
  return [
    `INSERT INTO ${name} (id, note) VALUES (${id}, 'new')`,
    `UPDATE ${name} SET amount = ${turn} WHERE id = ${200 + (turn % 2500)}`,
    `DELETE FROM ${name} WHERE id = ${110 + (turn % 50)}`,
    `UPDATE ${name} SET id = -${id} WHERE id = ${2600 + (turn % 300)}`,
    ...(turn % 97 === 0 ? [`TRUNCATE t${tableCount - 1}`] : []),
  ].join('; ');
};

export interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
}

export const createWorld = async (
  from: TestServer,
  to: TestServer,
  rows: number | RowsOf = 30_000,
): Promise<World> => {
  const publisher = await from.createDatabase();
  const subscriber = await to.createDatabase();
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const [index, name] of names.entries()) {
    await publisher.query(definition(name, index));
    await subscriber.query(definition(name, index));
    const rowsOf = typeof rows === 'number' ? usualRows(rows) : rows;
    await publisher.query(filling(name, index, rowsOf));
  }
  const project = await createProject(
    { publisher: publisher.url, subscriber: subscriber.url },
    {
      publications: { everything: { node: 'publisher', tables: names } },
      subscriptions: {
        feed: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['everything'],
          slot: `feed_${publisher.name}`,
          init: { parallel_workers: 2 },
        },
      },
    },
  );
  return { project, publisher, subscriber };
};

/** Every index and constraint of the subscriber. */
export const shapeOf = async ({ subscriber }: World): Promise<unknown> => [
  await subscriber.query(
    `SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`,
  ),
  await subscriber.query(
    `SELECT conrelid::regclass::text AS of, conname, pg_get_constraintdef(oid) AS definition, convalidated
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
  ),
];
