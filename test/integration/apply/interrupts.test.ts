// SIGINT and SIGTERM: the first stops cleanly, the second at once. Either way the same command continues.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { statusesOf } from '../../support/report.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import {
  createEdge,
  type Edge,
  edgeSteps,
  items,
  startOf,
  waitForLockRequest,
  waitForSlotCreation,
} from '../../support/worlds/edge.ts';

// Held transactions delay the creation of every slot of a server: that one is not shared.
const publisher = await cluster.privateServer(newestMajor);

async function expectToFinish({ project, publisher, subscriber }: Edge): Promise<void> {
  const again = await project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');
  expect(again.code, again.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, [items]);
}

test.each([
  { signal: 'SIGINT', code: 130 },
  { signal: 'SIGTERM', code: 143 },
] as const)('$signal cancels a slot creation that waits, and exits $code', async (given) => {
  const edge = await createEdge({ publisher });
  const writer = await holdTransaction(edge.publisher, 'INSERT INTO items VALUES (0)');
  const run = edge.project.start('apply', '--auto-approve');
  await waitForSlotCreation(edge.publisher);
  run.kill(given.signal);
  const { code, signal, stdout } = await run.result;
  expect({ code, signal }).toEqual({ code: given.code, signal: null });
  expect(stdout).toMatch(/\+ done +publisher +create-publication publisher\/publication\.items/);
  expect(stdout).toMatch(/- not started +publisher +create-slot publisher\/slot\./);
  expect(stdout).toContain('To continue, run the same command again');
  expect(
    await edge.publisher.query(
      `SELECT slot_name FROM pg_replication_slots WHERE database = current_database()`,
    ),
  ).toEqual([]);
  await writer.commit();
  await expectToFinish(edge);
});

test.each([
  { signal: 'SIGINT', code: 130 },
  { signal: 'SIGTERM', code: 143 },
] as const)(
  '$signal during a wait for a copy: its events and its report say $code',
  async (given) => {
    const edge = await createEdge({ copy: 'native' });
    const lock = await holdTransaction(edge.subscriber, 'LOCK TABLE items IN SHARE MODE');
    const run = edge.project.start('apply', '--auto-approve', '--json');
    await run.until(startOf(edgeSteps.waitForCopy));
    run.kill(given.signal);
    const result = await run.result;
    expect(result.code).toBe(given.code);
    expect(await run.until(({ event }) => event === 'run.finished')).toMatchObject({
      outcome: 'interrupted',
      exit_code: given.code,
    });
    expect(statusesOf(result)).toMatchObject({
      [edgeSteps.createSubscription]: 'done',
      [edgeSteps.waitForCopy]: 'not-started',
    });
    await lock.commit();
    await expectToFinish(edge);
  },
);

test.each([
  { second: 'SIGINT', ends: 130 },
  { second: 'SIGTERM', ends: 143 },
] as const)(
  'a second signal, $second, ends steep at once with $ends, and it says what is in doubt',
  async (given) => {
    const edge = await createEdge();
    // CREATE PUBLICATION waits for it; reading does not.
    const lock = await holdTransaction(
      edge.publisher,
      'LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE',
    );
    const run = edge.project.start('apply', '--auto-approve', '--json', '--lock-timeout', '60s');
    await run.until(startOf(edgeSteps.createPublication));
    run.kill('SIGINT');
    await run.said('Interrupted: stops after the running statement');
    // One that comes very soon counts as the same.
    const again = setInterval(() => run.kill(given.second), 100);
    const { code, signal, stderr } = await run.result;
    clearInterval(again);
    expect({ code, signal }).toEqual({ code: given.ends, signal: null });
    expect(stderr).toContain(`In doubt: ${edgeSteps.createPublication}`);
    await lock.commit();
    await expectToFinish(edge);
  },
);

test('a signal while waiting for the run lock exits at once, with nothing changed', async () => {
  const edge = await createEdge();
  const lock = await holdTransaction(
    edge.publisher,
    'LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE',
  );
  const first = edge.project.start('apply', '--auto-approve', '--json', '--lock-timeout', '60s');
  await first.until(startOf(edgeSteps.createPublication));
  const second = edge.project.start('apply', '--auto-approve', '--json', '--wait-for-lock', '60s');
  await waitForLockRequest(edge.publisher);
  second.kill('SIGINT');
  expect((await second.result).code).toBe(130);
  await lock.commit();
  expect((await first.result).code).toBe(0);
});
