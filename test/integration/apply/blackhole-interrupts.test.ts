// SIGINT and SIGTERM while a connection neither answers nor ends: the run ends within seconds all the same.

import { expect, test } from 'vitest';
import { reportOf } from '../../support/report.ts';
import { firstByDay } from '../../support/servers/majors.ts';
import {
  chunksLeft,
  createWorld,
  ends,
  expectToFinish,
  pauseInMiddle,
  proxyOf,
  slots,
  start,
} from './blackhole-world.ts';

test('SIGINT while one connection is dead: the copy is removed, in time', async () => {
  const world = await createWorld();
  const middle = pauseInMiddle(world.toSubscriber, 'up');
  const run = start(world);
  await middle;
  run.kill('SIGINT');
  const began = performance.now();
  const result = await run.result;
  expect(result.code, result.stderr).toBe(130);
  expect(performance.now() - began).toBeLessThan(40_000);
  expect(reportOf(result)).not.toHaveProperty('left');
  expect(await chunksLeft(world)).toEqual([]);
  expect(await slots(world)).toEqual([]);
  await expectToFinish(world);
});

test.each(firstByDay(ends))(
  'SIGINT while the $node does not answer: the run ends, and names what is left',
  async (given) => {
    const world = await createWorld();
    const proxy = proxyOf(world, given.node);
    const middle = pauseInMiddle(proxy, given.way);
    const run = start(world);
    await middle;
    proxy.pause();
    run.kill('SIGINT');
    const began = performance.now();
    const result = await run.result;
    expect(result.code, result.stderr).toBe(130);
    expect(performance.now() - began).toBeLessThan(45_000);
    expect(reportOf(result)).toMatchObject({
      outcome: 'interrupted',
      left: [expect.stringContaining(`slot feed_${world.publisher.name} on node publisher`)],
    });
    proxy.resume();
    await expectToFinish(world);
  },
);

test('a second SIGTERM ends at once with 143, whatever does not answer', async () => {
  const world = await createWorld();
  const middle = pauseInMiddle(world.toSubscriber, 'up');
  const run = start(world);
  await middle;
  world.toSubscriber.pause();
  run.kill('SIGTERM');
  await run.said('Interrupted: stops after the running statement');
  const again = setInterval(() => run.kill('SIGTERM'), 300);
  const { code, signal } = await run.result;
  clearInterval(again);
  expect({ code, signal }).toEqual({ code: 143, signal: null });
  world.toSubscriber.resume();
  await expectToFinish(world);
});
