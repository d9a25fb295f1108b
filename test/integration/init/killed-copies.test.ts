// First copies by steep while an application writes, killed at random moments: the same command again brings
// them to their end, no row is lost or there twice, and every index and constraint is what it was.
// A seed chooses the moments; STEEP_TEST_NIGHTLY=1 kills fifty times.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cluster, type TestDatabase } from '../../support/cluster.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { type MajorPair, pairs } from '../../support/majors.ts';
import { createProject, type Project } from '../../support/project.ts';
import { startWriter } from '../../support/writer.ts';

const tableCount = 12;
const killCount = process.env.STEEP_TEST_NIGHTLY === undefined ? 5 : 50;
const seed = Number(process.env.STEEP_TEST_SEED ?? 1);

const names = Array.from({ length: tableCount }, (_, index) => `t${index}`);
const tables = names.map((name) => ({ schema: 'public', name }));

/** Each with a key, a secondary and a unique index; each refers to the one before. */
const definition = (name: string, index: number): string => `
  CREATE TABLE ${name} (id int PRIMARY KEY, ref int, note text NOT NULL, amount numeric(12, 2), at timestamptz DEFAULT now());
  CREATE INDEX ${name}_note ON ${name} (note) WHERE amount > 10;
  CREATE UNIQUE INDEX ${name}_at ON ${name} (id, at);
  ${index === 0 ? '' : `ALTER TABLE ${name} ADD FOREIGN KEY (ref) REFERENCES t${index - 1} (id) DEFERRABLE;`}`;

const filling = (name: string, index: number): string =>
  `INSERT INTO ${name} SELECT n, CASE WHEN ${index} > 0 AND n < 100 THEN n END, repeat(md5(n::text), 3), n / 7.0, '2026-01-01'::timestamptz + n * interval '1 s'
     FROM generate_series(1, ${index % 4 === 0 ? 30_000 : 3000}) n`;

/** Inserts, updates, deletes, changes of keys, and an emptied table. */
const write = (turn: number): string => {
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

interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
}

const createWorld = async ([from, to]: MajorPair): Promise<World> => {
  const publisher = await (await cluster.server(from)).createDatabase();
  const subscriber = await (await cluster.server(to)).createDatabase();
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const [index, name] of names.entries()) {
    await publisher.query(definition(name, index));
    await subscriber.query(definition(name, index));
    await publisher.query(filling(name, index));
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

const shapeOf = async ({ subscriber }: World): Promise<unknown> => [
  await subscriber.query(
    `SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`,
  ),
  await subscriber.query(
    `SELECT conrelid::regclass::text AS of, conname, pg_get_constraintdef(oid) AS definition, convalidated
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
  ),
];

/** Always the same numbers for a seed (mulberry32). */
const randomOf = (start: number): (() => number) => {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Starts an apply, and kills it a while after its copy has begun; it may have ended by then. */
const killedApply = async ({ project }: World, afterMs: number): Promise<void> => {
  const run = project.start('apply', '--auto-approve', '--wait-for-lock', '30s', '--json');
  const begun = run.until(
    ({ event, kind }) =>
      event === 'run.finished' ||
      (event === 'run.step_started' &&
        ['copy-tables', 'settle-copy', 'undo-copy', 'wait-for-copy'].includes(String(kind))),
  );
  await begun;
  await delay(afterMs);
  run.kill('SIGKILL');
  await run.result;
};

const killsOf = (index: number): number =>
  Math.floor(killCount / pairs.length) + (index < killCount % pairs.length ? 1 : 0);

describe.each(pairs.map((pair, index) => [pair, killsOf(index), index] as const))(
  '%s, killed %i times',
  (pair, kills, index) => {
    test('ends with the same rows on both sides', async () => {
      const world = await createWorld(pair);
      const { project, publisher, subscriber } = world;
      const before = await shapeOf(world);
      const random = randomOf(seed * 1000 + index);
      const writer = await startWriter(publisher, write);
      for (let kill = 0; kill < kills; kill += 1) await killedApply(world, random() * 1500);
      const last = await project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');
      expect(last.code, last.stdout + last.stderr).toBe(0);
      await writer.stop();
      expect(writer.written()).toBeGreaterThan(0);
      await waitForSameRows(publisher, subscriber, tables);
      expect(await shapeOf(world)).toEqual(before);
      expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
    });
  },
);
