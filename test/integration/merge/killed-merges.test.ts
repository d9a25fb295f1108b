// Merges that are killed before a random statement, again and again, while applications insert rows on both nodes: the same
// command finishes them, and no row is lost, there twice, or sent back. A seed chooses the moments; STEEP_TEST_NIGHTLY=1
// kills two hundred times.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { randomNumbers } from '../../support/plans/random-numbers.ts';
import { cutting } from '../../support/worlds/cut-run.ts';
import {
  beforeLocks,
  consentTo,
  createMerge,
  type MergeWorld,
  orders,
} from '../../support/worlds/merge.ts';
import { startWriter } from '../../support/worlds/writer.ts';

const killCount = Number(
  process.env.STEEP_TEST_KILLS ?? (process.env.STEEP_TEST_NIGHTLY === undefined ? 5 : 200),
);
const seed = Number(process.env.STEEP_TEST_SEED ?? 1);

/** More than a merge of the world has from its first lock on: some runs come to their end. */
const statements = 400;

/** Each writes numbers of its own, twenty a second. */
const insertFrom =
  (first: number) =>
  (turn: number): string =>
    `INSERT INTO orders SELECT ${first + 2 * turn}, 1, 'meanwhile', now() FROM pg_sleep(0.05)`;

/** Applies, and kills the run before a statement, counted from its first lock. Null: it had come to its end. */
const killedBefore = async (
  { us, eu, project, name }: MergeWorld,
  count: number,
): Promise<string | null> => {
  let passed = -1;
  let before = '';
  const cut = await cutting([us.conninfo, eu.conninfo], (text) => {
    if (passed >= 0 || beforeLocks(text)) passed += 1;
    before = text;
    return passed === count;
  });
  const [usUrl = '', euUrl = ''] = cut.urls;
  const run = project
    .with({ us: usUrl, eu: euUrl })
    .start('apply', '--auto-approve', '--wait-for-lock', '60s', ...consentTo(name));
  const ended = await Promise.race([cut.reached.then(() => null), run.result]);
  if (ended !== null) {
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    return null;
  }
  run.kill('SIGKILL');
  await run.result;
  return before.replaceAll(/\s+/g, ' ').slice(0, 80);
};

/** A world of its own, killed until it is merged, or so many times; returns how often it was. */
const playThrough = async (most: number, random: () => number): Promise<number> => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, name, project } = world;
  const versions = `SELECT id, xmin::text FROM orders WHERE note = 'same' ORDER BY id`;
  const untouched = [await us.query(versions), await eu.query(versions)];
  const writers = [
    await startWriter(us, insertFrom(10_001)),
    await startWriter(eu, insertFrom(10_002)),
  ];
  const moments: string[] = [];
  while (moments.length < most) {
    const moment = await killedBefore(world, Math.floor(random() * statements));
    if (moment === null) break;
    moments.push(moment);
  }
  const wait = ['--auto-approve', '--wait-for-lock', '60s'];
  const last = await project.steep('apply', ...wait, ...consentTo(name));
  const told = `${moments.join('\n')}\n${last.stdout}${last.stderr}`;
  expect(last.code, told).toBe(0);
  for (const writer of writers) await writer.stop();
  await waitForSameRows(us, eu, [orders]).catch((error: unknown) => {
    throw new Error(told, { cause: error });
  });
  expect([await us.query(versions), await eu.query(versions)], told).toEqual(untouched);
  const [count] = await us.query(
    `SELECT count(*)::int AS rows FROM orders WHERE note = 'meanwhile'`,
  );
  expect(count, told).toEqual({ rows: writers.reduce((sum, it) => sum + it.written(), 0) });
  const old = await us.query(
    `SELECT id, note FROM orders WHERE note NOT IN ('same', 'meanwhile') ORDER BY id`,
  );
  const rows = (ids: readonly number[], note: string) => ids.map((id) => ({ id, note }));
  const all = [
    ...rows([5, 6, 7, 8, 9], 'us'),
    ...rows([200], 'only us'),
    ...rows([301, 302], 'only eu'),
  ];
  expect(old, told).toEqual(all);
  const lost = `SELECT (key->>'id')::int AS id, losing->>'note' AS note FROM steep_repl.merge_audit_log ORDER BY 1`;
  expect(await us.query(lost), told).toEqual([]);
  expect(await eu.query(lost), told).toEqual(rows([5, 6, 7, 8, 9], 'eu'));
  if (process.env.STEEP_TEST_KILLS !== undefined) process.stdout.write(`${moments.join('\n')}\n`);
  return moments.length;
};

test(`killed ${killCount} times`, { timeout: 7_200_000 }, async () => {
  const random = randomNumbers(seed).next;
  for (let left = killCount; left > 0; ) left -= await playThrough(left, random);
});
