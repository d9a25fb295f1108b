// Two-way pairs while applications write on both sides: at the end every row is on both sides, once.

import { expect, test } from 'vitest';
import type { CliEvent, RunningCli } from '../../support/cli.ts';
import { lastByDay, type MajorPair, majors } from '../../support/servers/majors.ts';
import type { TestDatabase } from '../../support/servers/test-database.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { startOf } from '../../support/worlds/edge.ts';
import {
  assertEqual,
  changesOfARoundTrip,
  createPair,
  onServers,
  type PairServers,
  type PairWorld,
  pairOf,
  waitForWrites,
  writeTo,
} from '../../support/worlds/pair.ts';
import type { Writer } from '../../support/worlds/writer.ts';

const pairs = (
  [
    [16, 16],
    [16, 17],
    [18, 18],
    [16, 18],
  ] as readonly MajorPair[]
).filter((pair) => pair.every((major) => majors.includes(major)));

const doneWith =
  (kind: string) =>
  ({ event, kind: of }: CliEvent): boolean =>
    event === 'run.step_done' && of === kind;

const apply = (world: PairWorld) => world.project.start('apply', '--auto-approve', '--json');

/** A REFRESH ends workers that apply in parallel at that moment, and that counts as an error. */
const growing = (name: string, tables: readonly string[]) => pairOf(name, tables, 'on');

/** A pair of `log`, which is applied; grow() adds `accounts` to it in steep.yaml. */
const growingPair = async (
  servers: PairServers,
): Promise<PairWorld & { grow(): Promise<void> }> => {
  const world = await createPair(servers);
  const { project, name } = world;
  await project.describe(growing(name, ['log']));
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  return { ...world, grow: () => project.describe(growing(name, ['log', 'accounts'])) };
};

/** The run ends well, the writers continue after it, and then both nodes are equal and send nothing back. */
const expectEqualAfter = async (
  world: PairWorld,
  run: RunningCli,
  writers: readonly Writer[],
): Promise<void> => {
  const result = await run.result;
  expect(result.code, result.stdout + result.stderr).toBe(0);
  await Promise.all(writers.map((writer) => waitForWrites(writer, 100)));
  await Promise.all(writers.map((writer) => writer.stop()));

  await assertEqual(world);
  expect(await changesOfARoundTrip(world)).toEqual([]);
};

test.each(lastByDay(pairs))('a pair that is filled from %i to %i', async (...majorsOf) => {
  const world = await createPair(await onServers(...majorsOf));
  const { us, eu, project } = world;
  const odd = [await writeTo(us, 'accounts', 'odd'), await writeTo(us, 'log', 'odd')];
  const run = apply(world);
  // From the proof on whatever eu writes is in the slot that leads back.
  await run.until(doneWith('verify-empty'));
  const even = [await writeTo(eu, 'accounts', 'even'), await writeTo(eu, 'log', 'even')];
  const writers = [...odd, ...even];
  await expectEqualAfter(world, run, writers);
  const again = await project.steep('plan', '--detailed-exitcode');
  expect(again.code, again.stdout).toBe(0);
});

test.each(lastByDay(pairs))('a table that joins it, %i and %i', async (...majorsOf) => {
  const world = await growingPair(await onServers(...majorsOf));
  const { us, eu } = world;
  const before = [
    await writeTo(us, 'log', 'odd'),
    await writeTo(eu, 'log', 'even'),
    await writeTo(us, 'accounts', 'odd'),
  ];
  await world.grow();
  const run = apply(world);
  await run.until(doneWith('refresh-while-empty'));
  const writers = [...before, await writeTo(eu, 'accounts', 'even')];
  await expectEqualAfter(world, run, writers);
});

test('a table that joins it, killed on the way, with writers on both sides', async () => {
  const newest = Math.max(...majors);
  const world = await growingPair(await onServers(newest, newest));
  const { us, eu, project, name } = world;
  await world.grow();
  const odd = await writeTo(us, 'accounts', 'odd');
  const killed = apply(world);
  await killed.until(startOf(`wait-for-copy eu/subscription.${name}_from_us`));
  killed.kill('SIGKILL');
  await killed.result;
  const even = await writeTo(eu, 'accounts', 'even');
  const again = await project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await Promise.all([odd, even].map((writer) => waitForWrites(writer, 50)));
  await Promise.all([odd, even].map((writer) => writer.stop()));
  await assertEqual(world);
  expect(await changesOfARoundTrip(world)).toEqual([]);
});

test('a table that joins it, and is truncated on its first node meanwhile', async () => {
  const newest = Math.max(...majors);
  const world = await growingPair(await onServers(newest, newest));
  const { us, eu, name } = world;
  await world.grow();
  const held = await holdTransaction(us, `COMMENT ON SUBSCRIPTION ${name}_from_eu IS 'held'`);
  const run = apply(world);
  const waiting = (database: TestDatabase, query: string) => async () => {
    const text = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = $1 AND ${query}`;
    return (await database.query(text, [database.name])).length > 0;
  };
  await waitFor('REFRESH to wait', waiting(us, `query ~ 'REFRESH PUBLICATION'`), { everyMs: 10 });
  await us.query('TRUNCATE accounts');
  await waitFor(
    'TRUNCATE to wait where it is applied',
    waiting(eu, `backend_type ~ 'apply|worker'`),
    { everyMs: 10 },
  );
  // Now REFRESH waits behind TRUNCATE, which waits for the lock that steep holds.
  await held.commit();
  const odd = await writeTo(us, 'accounts', 'odd');
  await expectEqualAfter(world, run, [odd]);
});
