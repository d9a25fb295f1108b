// Two applies at once: one runs, the other is told who holds the lock, or waits. The lock dies with its run.

import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { RunningCli } from '../../support/cli.ts';
import { reportOf } from '../../support/report.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { type HeldTransaction, holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  createEdge,
  type Edge,
  edgeSteps,
  startOf,
  waitForLockRequest,
} from '../../support/worlds/edge.ts';

// Held transactions delay the creation of every slot of a server: that one is not shared.
const publisher = await cluster.privateServer(newestMajor);

interface HeldRun {
  readonly run: RunningCli;
  readonly runId: string;
  readonly writer: HeldTransaction;
}

/** An apply that holds the lock, and waits in the creation of a slot until the writer commits. */
async function holdRun(edge: Edge): Promise<HeldRun> {
  const writer = await holdTransaction(edge.publisher, 'INSERT INTO items VALUES (0)');
  const run = edge.project.start('apply', '--auto-approve', '--json');
  const { run_id } = await run.until(startOf(edgeSteps.createSlot(edge)));
  return { run, runId: String(run_id), writer };
}

const lockGone = (database: TestDatabase): Promise<boolean> =>
  waitFor('the end of the run lock', async () => {
    const found = await database.query(
      `SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE locktype = 'advisory' AND datname = current_database()`,
    );
    return found.length === 0;
  });

describe('while a run holds the lock', () => {
  test('another apply exits 5 and says which run holds it', async () => {
    const edge = await createEdge({ publisher });
    const { run, runId, writer } = await holdRun(edge);
    const second = await edge.project.steep('apply', '--auto-approve', '--json');
    expect(second.code, second.stdout).toBe(5);
    const { error } = JSON.parse(second.stdout) as { readonly error: { readonly message: string } };
    expect(error).toMatchObject({ code: 'RUN_LOCKED', exit_code: 5 });
    expect(error.message).toContain(`node publisher: steep ${runId.slice(0, 8)} `);
    expect(error.message).toMatch(
      new RegExp(` ${userInfo().username}@\\S+ \\d\\d:\\d\\d:\\d\\dZ `),
    );
    await writer.commit();
    expect((await run.result).code).toBe(0);
  });

  test.each([
    { file: 'the same file', options: {}, code: 0, says: 'already done' },
    {
      file: 'another file, whose plan is stale by then,',
      options: { binary: true },
      code: 4,
      says: 'alter-subscription subscriber/subscription.items is not in the plan',
    },
  ])('an apply of $file that waits ends with $code', async ({ options, code, says }) => {
    const edge = await createEdge({ publisher });
    const { run, writer } = await holdRun(edge);
    await edge.project.describe({
      ...edge.topology,
      subscriptions: { items: { ...edge.topology.subscriptions?.items, options } },
    });
    const second = edge.project.steep('apply', '--auto-approve', '--wait-for-lock', '60s');
    await waitForLockRequest(edge.publisher);
    await writer.commit();
    expect((await run.result).code).toBe(0);
    const ended = await second;
    expect(ended.code, ended.stderr).toBe(code);
    expect(ended.stderr).toContain(says);
  });

  test('the end of its lock session stops the run, which says so', async () => {
    const edge = await createEdge({ publisher });
    const { run, writer } = await holdRun(edge);
    await edge.subscriber.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database AS d ON d.oid = database
        WHERE locktype = 'advisory' AND datname = current_database()`,
    );
    const result = await run.result;
    expect(result.code, result.stderr).toBe(6);
    const { outcome, steps } = reportOf(result);
    expect(outcome).toBe('partial');
    expect(steps.find(({ error }) => error !== null)).toMatchObject({
      id: edgeSteps.createSlot(edge),
      error: {
        code: 'RUN_LOCK_LOST',
        message: expect.stringContaining('Node subscriber: the run lock was lost') as unknown,
      },
    });
    await writer.commit();
    const again = await edge.project.steep('apply', '--auto-approve');
    expect(again.code, again.stderr).toBe(0);
  });

  test('SIGKILL ends the lock with it, even while a statement runs', async () => {
    const edge = await createEdge({ publisher });
    const { run, writer } = await holdRun(edge);
    run.kill('SIGKILL');
    await run.result;
    await lockGone(edge.publisher);
    await writer.commit();
    const again = await edge.project.steep('apply', '--auto-approve');
    expect(again.code, again.stderr).toBe(0);
  });
});
