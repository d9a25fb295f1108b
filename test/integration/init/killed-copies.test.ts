// Initial copies by steep while an application writes, killed at random moments: the same command again brings them to
// their end, no row is lost or there twice, and every index and constraint is what it was. A seed chooses the moments;
// STEEP_TEST_NIGHTLY=1 kills fifty times.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { randomNumbers } from '../../support/plans/random-numbers.ts';
import { cluster, type TestServer } from '../../support/servers/cluster.ts';
import { endsByDay, type MajorPair, pairs } from '../../support/servers/majors.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import { createWorld, shapeOf, tables, type World, write } from './twelve-tables.ts';

const killCount = process.env.STEEP_TEST_NIGHTLY === undefined ? 5 : 50;
const seed = Number(process.env.STEEP_TEST_SEED ?? 1);

/**
 * Starts an apply, and kills it a while after its copy has begun. False: it had ended by then, or had none to make. A slot
 * that was made, and not recorded before the kill, is dropped with the consent that is asked for.
 */
const killedApply = async (
  { project }: Pick<World, 'project'>,
  afterMs: number,
  consent: readonly string[] = [],
): Promise<boolean> => {
  const run = project.start(
    'apply',
    '--auto-approve',
    '--wait-for-lock',
    '30s',
    '--json',
    ...consent,
  );
  const begun = run.until(
    ({ event, kind }) =>
      event === 'run.step_started' &&
      ['copy-tables', 'settle-copy', 'undo-copy', 'wait-for-copy'].includes(String(kind)),
  );
  await begun.then(
    () => delay(afterMs),
    () => undefined,
  );
  run.kill('SIGKILL');
  const { signal, code, stdout, stderr } = await run.result;
  const [, unrecorded] = /--allow-hazard (SLOT_DROP=[^\s"]+)/.exec(stdout) ?? [];
  if (code === 3 && unrecorded !== undefined && consent.length === 0)
    return killedApply({ project }, afterMs, ['--allow-hazard', unrecorded]);
  if (signal !== 'SIGKILL') expect(code, stdout + stderr).toBe(0);
  return signal === 'SIGKILL';
};

const killsOf = (index: number): number =>
  Math.floor(killCount / pairs.length) + (index < killCount % pairs.length ? 1 : 0);

/**
 * A server of its own, never the publisher's: where PostgreSQL ends the copy, the worker that applies a TRUNCATE waits for a
 * table that is being synchronized, whose slot waits for every transaction of its cluster: no server sees that deadlock.
 */
const subscriberOf = ([from, to]: MajorPair): Promise<TestServer> =>
  from === to ? cluster.privateServer(to) : cluster.server(to);

/** A copy in a world of its own, killed until it is complete, or so many times; returns how often it was. */
const playThrough = async (
  pair: MajorPair,
  most: number,
  random: () => number,
): Promise<number> => {
  const [from, to] = [await cluster.server(pair[0]), await subscriberOf(pair)];
  const world = await createWorld(from, to);
  const { project, publisher, subscriber } = world;
  const before = await shapeOf(world);
  const writer = await startWriter(publisher, write);
  let killed = 0;
  while (killed < most && (await killedApply(world, random() * 1500))) killed += 1;
  const last = await project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');
  expect(last.code, last.stdout + last.stderr).toBe(0);
  await writer.stop();
  expect(writer.written()).toBeGreaterThan(0);
  await waitForSameRows(publisher, subscriber, tables);
  expect(await shapeOf(world)).toEqual(before);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  return killed;
};

describe.each(endsByDay(pairs.map((pair, index) => [pair, killsOf(index), index] as const)))(
  '%s, killed %i times',
  (pair, kills, index) => {
    test('ends with the same rows on both sides', { timeout: 1_800_000 }, async () => {
      const random = randomNumbers(seed * 1000 + index).next;
      for (let left = kills; left > 0; ) left -= await playThrough(pair, left, random);
    });
  },
);
