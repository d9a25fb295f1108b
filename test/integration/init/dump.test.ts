// An initial copy from a dump that a user takes at the snapshot of `init prepare`, while writers run.

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import {
  copyAtSnapshot,
  names,
  prepare,
  sharedEdge,
  shell,
  startWriting,
  tables,
} from '../../support/worlds/manual-init.ts';

const pairs = [
  [15, 15],
  [14, 18],
  [18, 18],
].filter((pair) => pair.every((major) => majors.includes(major)));

describe.each(lastByDay(pairs))('from %i to %i', (from = 0, to = 0) => {
  test('a dump at the snapshot is joined to the slot without a gap', async () => {
    const edge = await sharedEdge(from, to);
    const { project, source, node } = edge;
    const applied = await project.steep('apply', '--auto-approve');
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.stdout).toContain('steep init prepare reporting --from primary');

    const writer = await startWriting(source);
    const { prepared, run, end } = await prepare(project);
    await copyAtSnapshot(edge, prepared.snapshot ?? '');
    await run.said('Evidence (hashes) of 3 tables is recorded.');
    await end();
    const before = writer.written();
    const completed = await project.steep('init', 'complete', ...names, '--auto-approve');
    expect(completed.code, completed.stdout + completed.stderr).toBe(0);
    expect(writer.written()).toBeGreaterThan(before);
    await writer.stop();
    await waitForSameRows(source, node, tables);

    const again = await project.steep('plan', '--detailed-exitcode');
    expect(again.code, again.stdout).toBe(0);
    expect(again.stdout).toContain('No changes.');
    expect((await project.steep('init', 'complete', ...names, '--auto-approve')).code).toBe(0);
    expect(await source.query('SELECT FROM steep_repl.init_slots')).toEqual([]);
    const [state] = await node.query('SELECT method, state FROM steep_repl.subscriptions_init');
    expect(state).toEqual({ method: 'manual', state: 'synchronized' });
    const commands = await source.query(
      `SELECT event, subject, detail ->> 'code' AS code FROM steep_repl.audit_log
        WHERE event LIKE 'operation.%' ORDER BY id`,
    );
    const done = { event: 'operation.completed', subject: 'init complete', code: null };
    const interrupted = { event: 'operation.failed', code: 'INTERRUPTED' };
    expect(commands).toEqual([{ ...interrupted, subject: 'init prepare' }, done, done]);
  });
});

const hasPgDump = existsSync('/usr/bin/pg_dump') && majors.includes(15);

test.runIf(hasPgDump)('the commands that prepare prints for pg_dump do it', async () => {
  const { project, source, node } = await sharedEdge(15, 15);
  await node.query('DROP TABLE orders, events, logs');
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const writer = await startWriting(source);
  const { prepared, run, end } = await prepare(project);
  const recipe = prepared.recipes.find(({ tool }) => tool === 'pg_dump');
  for (const command of recipe?.commands ?? []) {
    await shell(command, dirname(project.path('x')), {
      PRIMARY_URL: source.url,
      REPORTING_URL: node.url,
    });
  }
  await run.said('is recorded.');
  await end();
  const completed = await project.steep('init', 'complete', ...names, '--auto-approve');
  expect(completed.code, completed.stdout + completed.stderr).toBe(0);
  await writer.stop();
  await waitForSameRows(source, node, tables);
});
