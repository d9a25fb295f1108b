// Random changes of the publisher's tables, several at once, while its application writes: each is brought to the subscriber
// by a plan that runs to its end, after which nothing is left to do and every row is the same; or refused with a cure that is
// one. STEEP_TEST_SEED chooses others.

import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { type RandomNumbers, randomNumbers } from '../../support/plans/random-numbers.ts';
import { mutationsFor, schemaBefore } from '../../support/plans/schema-mutations.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { installed, type MajorPair, type RowsWorld, rowsWorld } from '../rows/rows-world.ts';

const isNight = process.env.STEEP_TEST_NIGHTLY !== undefined;
const seed = Number(process.env.STEEP_TEST_SEED ?? 1);
const pairs: readonly MajorPair[] = isNight
  ? [
      [14, 18],
      [16, 16],
      [18, 14],
      [18, 18],
    ]
  : [[14, 18]];
const worlds = isNight ? 4 : 1;
const rounds = isNight ? 6 : 2;

const names = ['parent', 't', 'parts'];
const tables = names.map((name) => ({ schema: 'public', name }));

/** What names pass on, beside the mutations that stand alone. */
const renames = [
  'ALTER TABLE t RENAME small TO tiny',
  'ALTER TABLE t RENAME tiny TO small',
  'ALTER TABLE t RENAME n TO old_n; ALTER TABLE t RENAME small TO n; ALTER TABLE t RENAME old_n TO small',
  'ALTER TABLE t RENAME label TO label_2; ALTER TABLE t RENAME fixed TO label',
  'ALTER TABLE t RENAME doc TO old_doc; ALTER TABLE t ADD doc int',
  'ALTER TABLE parent RENAME name TO title; ALTER TABLE parent ALTER title TYPE text; ALTER TABLE parent ADD name int',
  'ALTER TABLE t DROP money; ALTER TABLE t ADD money numeric(8,2)',
];

/** Keys that only the subscriber has left stay there, and stop apply at the first row that they do not take. */
const leavesKey = 'DROP CONSTRAINT parent_name_key';

/** Values that each node computes for itself differ, as the plan says. */
const mutationsOf = (major: number): readonly string[] => [
  ...mutationsFor(major)
    .filter(({ ownValues, refused }) => ownValues === undefined && refused === undefined)
    .map(({ ddl }) => ddl)
    .filter((ddl) => !ddl.includes(leavesKey)),
  ...renames,
];

/** Touches rows, and adds one with the values of another, whatever columns there are. */
const write = (id: number) => `
  DO $$ DECLARE target text; names text; BEGIN
    FOREACH target IN ARRAY ARRAY['t', 'parent'] LOOP
      SELECT string_agg(quote_ident(attname), ', ') INTO names FROM pg_attribute
       WHERE attrelid = target::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> 'id';
      EXECUTE format('UPDATE %I SET id = id WHERE id %% 3 = ${id % 3}', target);
      BEGIN
        EXECUTE format('INSERT INTO %I (id, %s) SELECT ${id}, %s FROM %I ORDER BY id LIMIT 1', target, names, names, target);
      EXCEPTION WHEN unique_violation OR check_violation OR exclusion_violation THEN
        NULL;
      END;
    END LOOP;
  END $$`;

/** Until it is stopped. What a mutation makes impossible is not written. */
const startWriter = (publisher: TestDatabase, first: number) => {
  let [id, stopped] = [first, false];
  const done = (async () => {
    while (!stopped) {
      await publisher.query(write(id)).catch(() => undefined);
      id += 1;
      await setTimeout(50);
    }
    return id;
  })();
  const stop = async (): Promise<number> => {
    stopped = true;
    return done;
  };
  onTestFinished(async () => {
    await stop();
  });
  return stop;
};

const consentsIn = (text: string): readonly string[] =>
  [...text.matchAll(/--allow-hazard '?([A-Z_]+=[^\s']+)'?/g)].flatMap(([, it = '']) => [
    '--allow-hazard',
    it,
  ]);

/** With every consent that the plan asks for, and with its cure where it is a copy of the table. */
const applied = async ({ project }: RowsWorld): Promise<string> => {
  const flags = ['apply', '--auto-approve'];
  const said: string[] = [];
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const { code, stdout, stderr } = await project.steep(...flags);
    said.push([flags.join(' '), `exit ${code}`, stdout, stderr].join('\n'));
    if (code === 0) return said.join('\n');
    const blocks = stdout.includes('SCHEMA_DDL_REFUSED') ? stdout : '';
    const cures = [...blocks.matchAll(/a new slot: steep apply --reinit '?([^\s']+)'?/g)];
    const more = [
      ...consentsIn(stdout + stderr),
      ...new Set(cures.flatMap(([, it = '']) => (flags.includes(it) ? [] : ['--reinit', it]))),
    ];
    expect([code, more.length > 0], said.join('\n')).toEqual([3, true]);
    flags.push(...more);
  }
  throw new Error(said.join('\n'));
};

/** `major`: the older one of both. */
const mutate = async (
  { publisher }: RowsWorld,
  random: RandomNumbers,
  round: number,
  major: number,
): Promise<readonly string[]> => {
  const done: string[] = [];
  for (let n = random.integer(1, 4); n > 0; n -= 1) {
    const ddl = random.pick(mutationsOf(major)).replace(/\bADD c\b/, `ADD c_${round}_${n}`);
    // What an earlier one has made impossible.
    const failed = await publisher.query(`BEGIN; ${ddl}; COMMIT`).catch(async () => {
      await publisher.query('ROLLBACK');
      return null;
    });
    if (failed !== null) done.push(ddl);
    if (random.chance(0.5)) await setTimeout(200);
  }
  return done;
};

const play = async (world: RowsWorld, random: RandomNumbers, major: number): Promise<number> => {
  let [id, count] = [1000, 0];
  for (let round = 0; round < rounds; round += 1) {
    const stop = startWriter(world.publisher, id);
    const done = await mutate(world, random, round, major);
    count += done.length;
    const said = await applied(world);
    id = await stop();
    const what = `${done.join('\n')}\n${said}`;
    await waitForSameRows(world.publisher, world.subscriber, tables).catch((error: unknown) => {
      throw new Error(what, { cause: error });
    });
    expect((await world.project.steep('plan')).stdout, what).toMatch(/^No changes\. /m);
    const of = ['--tables', names.join(','), '--fingerprint', 'replication'];
    const ends = ['--node', 'publisher', '--peer', 'subscriber'];
    const { code, stdout } = await world.project.steep('schema', 'compare', ...ends, ...of);
    expect(code, `${what}\n${stdout}`).toBe(0);
  }
  return count;
};

const cases = installed(pairs).flatMap((pair) =>
  Array.from({ length: worlds }, (_, index) => ({ pair, index })),
);

test.each(cases)('$pair, world $index', { timeout: 1_800_000 }, async ({ pair, index }) => {
  const world = await rowsWorld({
    pair,
    tables: schemaBefore.replaceAll(/INSERT INTO[^;]*/g, ''),
    rows: schemaBefore.slice(schemaBefore.indexOf('INSERT INTO')),
    publication: { tables: names },
    subscription: { schema_sync: 'auto' },
  });
  await world.steep(0, 'apply', '--auto-approve');
  const random = randomNumbers(seed * 1000 + index);
  expect(await play(world, random, Math.min(...pair))).toBeGreaterThan(0);
});
