// A copy that holds its tables: anyone who wants one exclusively waits until the last row is read, and what comes after
// waits behind it, but never the copy itself.

import { describe, expect, onTestFinished, test } from 'vitest';
import { assertFreeLocks } from '../../../src/copy/source/lock-facts.ts';
import { hashesOf, waitForSameRows } from '../../support/hashes.ts';
import { fewPairs, majors, newestMajor } from '../../support/servers/majors.ts';
import { holderName, holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, items } from '../../support/worlds/edge.ts';
import { copy, hold, open, settle, subscribe } from './copy-under-test.ts';
import {
  amidst,
  filled,
  holding,
  incomplete,
  loseReader,
  patient,
  sharedLocks,
  start,
  tables,
  waitingFor,
} from './held-tables-world.ts';

describe.each(fewPairs)('%i to %i', (from, to) => {
  test('statements that would rewrite a table wait for the last row, and their waiters do not stop the copy', async () => {
    const it = await filled([from, to]);
    const before = await hashesOf(it.source, tables);
    const { gate, done } = await amidst(it);
    const statements = [
      'VACUUM FULL low',
      'ALTER TABLE other ALTER id TYPE bigint',
      'TRUNCATE large',
      'ALTER TABLE parts ADD more int',
    ];
    const started = [];
    for (const statement of statements) started.push(await start(it.source, statement));
    const late = it.source.query(`SET lock_timeout = '50ms'; SELECT FROM large LIMIT 1`);
    await expect(late).rejects.toThrow('lock timeout');
    const missing = started.map(async ({ ended }) => {
      await ended;
      return incomplete(it.target);
    });
    await gate.commit();
    await done;
    expect(await Promise.all(missing)).toEqual(statements.map(() => []));
    expect(await hashesOf(it.target, tables)).toEqual(before);
    expect(await sharedLocks(it.source)).toEqual([]);
    await it.target.query('ALTER TABLE parts ADD more int; ALTER TABLE other ALTER id TYPE bigint');
    await subscribe(it);
    await waitForSameRows(it.source, it.target, tables);
  });
});

/** Old servers read what is published without a lock on the root of a partitioned table: LOCK TABLE is what waits. */
const oldest = [Math.min(...majors), newestMajor] as const;

test('a table that is locked exclusively at the start is waited for, and its holder is named', async () => {
  const it = await filled(oldest);
  const snapshot = await hold(it);
  const lock = await holdTransaction(it.source, 'LOCK TABLE ONLY parts IN ACCESS EXCLUSIVE MODE');
  const given = copy(it, snapshot, tables, { ...holding, locks: await patient(it, {}) });
  await expect(given).rejects.toMatchObject({
    code: 'LOCK_TIMEOUT',
    exit: 8,
    message: expect.stringMatching(
      new RegExp(
        `(locking the tables|reading what is published).*Held by pid ${lock.pid} \\(${holderName}`,
        's',
      ),
    ) as unknown,
  });
  expect(await sharedLocks(it.source)).toEqual([]);
  const waits: unknown[] = [];
  const locks = await patient(it, {
    retries: 50,
    onRetry: ({ blockers }) => {
      if (waits.push(...blockers) === 1) lock.commit().catch(() => undefined);
    },
  });
  await copy(it, snapshot, tables, { ...holding, locks });
  expect(waits).toMatchObject([{ pid: lock.pid }]);
  expect(await hashesOf(it.target, tables)).toEqual(await hashesOf(it.source, tables));
});

describe('a reading session that is lost while a statement waits for the copy', () => {
  test('cannot lock the tables again: the copy ends and names that statement', async () => {
    const it = await filled();
    const said: string[] = [];
    const locks = await patient(it, { onWaiting: (doing) => said.push(doing) });
    const { gate, done } = await amidst(it, { locks: { ...locks, timeoutMs: 0 } });
    const waiter = await start(it.source, 'VACUUM FULL large');
    await loseReader(it);
    await gate.commit();
    await expect(done).rejects.toMatchObject({
      code: 'LOCK_TIMEOUT',
      exit: 8,
      message: expect.stringMatching(
        new RegExp(`Held, or waited for, by pid ${waiter.pid} \\(${holderName}`),
      ) as unknown,
      suggestions: expect.arrayContaining([
        `End it, if it may be ended: SELECT pg_catalog.pg_terminate_backend(${waiter.pid})`,
      ]) as unknown,
    });
    expect(said).toContain('locking the tables of the copy in ACCESS SHARE mode');
    await waiter.ended;
    await settle(it, tables);
    expect(await sharedLocks(it.source)).toEqual([]);
  });

  test('locks them again when that statement has gone', async () => {
    const it = await filled();
    const locks = await patient(it, {
      retries: 50,
      onRetry: () =>
        void it.source.query(`SELECT pg_cancel_backend(${pid})`).catch(() => undefined),
    });
    const { gate, done } = await amidst(it, { locks: { ...locks, timeoutMs: 0 } });
    const waiter = await start(it.source, 'VACUUM FULL large');
    const { pid } = waiter;
    await loseReader(it);
    await gate.commit();
    await expect(waiter.ended).rejects.toThrow('canceling');
    await done;
    expect(await hashesOf(it.target, tables)).toEqual(await hashesOf(it.source, tables));
  });
});

test('what rewrote a table between the snapshot and the locks is found', async () => {
  const it = await filled();
  const snapshot = await hold(it);
  await it.source.query('VACUUM FULL large, low');
  await it.source.query('TRUNCATE other');
  await copy(it, snapshot, tables, holding);
  expect(await hashesOf(it.target, tables)).toEqual(await hashesOf(it.source, tables));
});

test('what hides rows between the snapshot and the locks ends the copy', async () => {
  const it = await filled();
  const snapshot = await hold(it);
  await it.source.query('ALTER TABLE large ALTER id TYPE bigint');
  await expect(copy(it, snapshot, tables, holding)).rejects.toMatchObject({
    code: 'COPY_REWRITTEN',
    message: expect.stringContaining('public.large (by ALTER TABLE)') as unknown,
  });
  expect(await sharedLocks(it.source)).toEqual([]);
});

test('an interrupt while the locks are waited for leaves none', async () => {
  const it = await filled(oldest);
  const snapshot = await hold(it);
  await holdTransaction(it.source, 'LOCK TABLE ONLY parts IN ACCESS EXCLUSIVE MODE');
  const interrupt = new AbortController();
  const done = copy(it, snapshot, tables, { ...holding, signal: interrupt.signal });
  await waitingFor(it.source, '');
  interrupt.abort(130);
  await expect(done).rejects.toMatchObject({ exit: 130 });
  await waitFor('the locks to go', async () => (await sharedLocks(it.source)).length === 0);
});

test('locks for which the server has no room are not asked for', async () => {
  const it = await filled();
  const session = await open(it.source.conninfo, 'source');
  onTestFinished(() => session.close());
  await assertFreeLocks(session, tables, 4);
  await expect(assertFreeLocks(session, tables, 1_000_000)).rejects.toMatchObject({
    code: 'CONFIGURATION_LIMIT',
    message: expect.stringContaining('holding 3 tables with 3 indexes') as unknown,
  });
});

test('a plan of --hold-tables is executed, killed and continued: no lock stays', async () => {
  const { project, publisher, subscriber } = await createEdge();
  expect((await project.steep('plan')).stdout).not.toContain('HOLDS_TABLES');
  const planned = await project.steep('plan', '--hold-tables', '--out', 'held.plan');
  expect(planned.stdout).toMatch(
    /! warning +HOLDS_TABLES +Locks 1 table on node publisher \(public.items\)/,
  );
  const apply = ['apply', 'held.plan', '--auto-approve'];
  const refused = await project.steep(...apply, '--no-hold-tables');
  expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining('--no-hold-tables')]);
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = project.start(...apply, '--json');
  const isHeldBy = (sessions: number) => async () => {
    const found = await publisher.query(
      `SELECT DISTINCT pid FROM pg_locks WHERE relation = 'items'::regclass AND mode = 'AccessShareLock'`,
    );
    return found.length === sessions;
  };
  // Of four workers one has something to read.
  await waitFor('every session to hold the table', isHeldBy(4));
  await waitingFor(subscriber, 'LOCK TABLE');
  run.kill('SIGKILL');
  await run.result;
  await waitFor('the locks to go', isHeldBy(0));
  await lock.commit();
  const again = await project.steep(...apply);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, [items]);
});
