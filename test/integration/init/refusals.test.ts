// What init prepare and init complete refuse: whatever is not proven, with the reason and the cure, and nothing
// changed. One edge, which each refusal leaves as it was.

import { describe, expect, test } from 'vitest';
import type { CliResult } from '../../support/cli.ts';
import { pausing } from '../../support/fakes/pausing-proxy.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import {
  copyAtSnapshot,
  manualTopology,
  names,
  prepare,
  sharedEdge,
  tables,
} from '../../support/worlds/manual-init.ts';
import type { Project } from '../../support/worlds/project.ts';

const complete = (project: Project, ...flags: readonly string[]): Promise<CliResult> =>
  project.steep('init', 'complete', ...names, '--auto-approve', ...flags);

const expectRefusal = (result: CliResult, code: string, ...words: readonly string[]): void => {
  expect(result.code, result.stdout + result.stderr).toBe(3);
  for (const word of [code, ...words]) expect(result.stderr).toContain(word);
};

test('a dump is refused for each reason, and taken when none is left', async () => {
  const edge = await sharedEdge(newestMajor, newestMajor);
  const { project, source, node, slot } = edge;

  const early = await project.steep('init', 'prepare', ...names);
  expectRefusal(early, 'INIT_NOT_APPLIED', 'steep apply --target primary/publication.sales');
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  expectRefusal(await complete(project), 'INIT_NOT_PREPARED', 'steep init prepare reporting');

  const { prepared, run, end } = await prepare(project);
  await copyAtSnapshot(edge, prepared.snapshot ?? '');
  await run.said('is recorded.');
  await end();
  expect((await run.result).code).toBe(130);
  const again = await project.steep('init', 'prepare', ...names);
  expectRefusal(again, 'INIT_PREPARED', prepared.lsn, '--renew');

  const planned = await project.steep('plan', '--prune');
  expect(planned.stdout).toContain(`keeps all changes from ${prepared.lsn} on`);
  expect(planned.stdout).not.toContain('ORPHAN_SLOT');
  expect(planned.stdout).toContain('No changes.');

  await node.query(
    "DELETE FROM orders WHERE id = 7; UPDATE events SET what = 'other' WHERE id = 1",
  );
  const differing = await complete(project);
  expectRefusal(differing, 'INIT_ROWS_DIFFER', 'public.orders: 499 rows, not 500');
  expect(differing.stderr).toContain('public.events: 500 rows, some of them different');
  await node.query(`
    INSERT INTO orders SELECT 7, 7 / 7.0, 'order 7'; UPDATE events SET what = 'event 1' WHERE id = 1`);

  await node.query(`
    UPDATE events SET what = 'event ' || 3 - id WHERE id IN (1, 2); UPDATE orders SET total = -total WHERE id = 7`);
  const hidden = await complete(project);
  expectRefusal(hidden, 'INIT_ROWS_DIFFER', 'public.orders: 500 rows, some of them different');
  expect(hidden.stderr).toContain('public.events: 500 rows, some of them different');
  await node.query(`
    UPDATE events SET what = 'event ' || id WHERE id IN (1, 2); UPDATE orders SET total = -total WHERE id = 7`);

  // As an older version of steep recorded it.
  const evidence = await source.query('SELECT evidence FROM steep_repl.init_slots');
  await source.query(`UPDATE steep_repl.init_slots SET evidence = evidence - 'hashVersion'`);
  expectRefusal(await complete(project), 'INIT_EVIDENCE_VERSION', '--renew');
  await source.query('UPDATE steep_repl.init_slots SET evidence = $1', [evidence[0]?.evidence]);

  await node.query('ALTER TABLE events RENAME what TO name');
  const other = await complete(project);
  expect(other.code).toBe(3);
  expect(other.stderr).toContain('public.events.what is missing (text)');
  await node.query('ALTER TABLE events RENAME name TO what');

  await source.query("UPDATE steep_repl.init_slots SET expires_at = now() - interval '1 s'");
  expectRefusal(await complete(project), 'INIT_EXPIRED', '--extend');
  const extended = await project.steep('init', 'prepare', ...names, '--extend', '1h');
  expect(extended.code, extended.stderr).toBe(0);

  await source.query('ALTER PUBLICATION sales DROP TABLE logs');
  await source.query('ALTER PUBLICATION sales ADD TABLE logs');
  expectRefusal(await complete(project), 'INIT_PUBLISHED_CHANGED', '--renew');
  // As it was, for what follows: the OID of the member is another one.
  await source.query(`
    UPDATE steep_repl.init_slots SET published = jsonb_set(published, '{publications,0,members}',
      (SELECT to_jsonb(array_agg(oid::int8 ORDER BY oid)) FROM pg_publication_rel))`);

  const wrong = project.with({ reporting: source.url.replace('127.0.0.1', 'localhost') });
  expectRefusal(await complete(wrong), 'INIT_WRONG_NODE');
  expectRefusal(await complete(project, '--source-lsn', '0/1'), 'INIT_POSITION', prepared.lsn);
  expect(await node.query('SELECT FROM pg_subscription WHERE subslotname = $1', [slot])).toEqual(
    [],
  );

  const completed = await complete(project);
  expect(completed.code, completed.stdout + completed.stderr).toBe(0);
  await waitForSameRows(source, node, tables);
});

describe('without evidence of the rows', () => {
  test('it takes consent by name, counts take a yes', async () => {
    const edge = await sharedEdge(newestMajor, newestMajor);
    const { project, source, node } = edge;
    expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
    const first = await prepare(project, '--evidence', 'none');
    await copyAtSnapshot(edge, first.prepared.snapshot ?? '');
    await first.end();
    const flag = '--allow-hazard COPY_SKIPPED_GAP=reporting/subscription.sales';
    expectRefusal(await complete(project), 'HAZARD_NOT_ALLOWED', flag);

    await node.query('TRUNCATE orders, events, logs');
    const second = await prepare(project, '--evidence', 'counts', '--renew');
    await copyAtSnapshot(edge, second.prepared.snapshot ?? '');
    await second.run.said('Evidence (counts) of 3 tables is recorded.');
    await second.end();
    const completed = await complete(project);
    expect(completed.code, completed.stdout + completed.stderr).toBe(0);
    expect(completed.stdout).toContain('only the number of rows was compared');
    await waitForSameRows(source, node, tables);
    expectRefusal(await project.steep('init', 'prepare', ...names, '--renew'), 'SLOT_TAKEN');
  });
});

describe('a slot', () => {
  test('that a session has read, or that is gone, is refused', async () => {
    const { project, source, slot } = await sharedEdge(newestMajor, newestMajor);
    expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
    expect((await project.steep('init', 'prepare', ...names, '--no-hold')).code).toBe(0);
    await source.query('INSERT INTO events VALUES (1000, $1)', ['new']);
    await source.query('SELECT pg_replication_slot_advance($1, pg_current_wal_lsn())', [slot]);
    expectRefusal(await complete(project), 'INIT_SLOT_LOST', 'another session has read it');
    await source.query('SELECT pg_drop_replication_slot($1)', [slot]);
    expectRefusal(await complete(project), 'INIT_SLOT_LOST', 'is gone');
    expect((await project.steep('init', 'prepare', ...names, '--no-hold')).code).toBe(0);
  });

  test('of a prepare that was killed is re-created', async () => {
    const { project, source } = await sharedEdge(newestMajor, newestMajor);
    expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
    expect((await project.steep('init', 'prepare', ...names, '--no-hold')).code).toBe(0);
    // Between the slot and the note of where it begins.
    await source.query("UPDATE steep_repl.init_slots SET lsn = '0/0'");
    expectRefusal(await complete(project), 'INIT_NOT_PREPARED');
    const prepared = await project.steep('init', 'prepare', ...names, '--no-hold');
    expect(prepared.code, prepared.stderr).toBe(0);
  });
});

test('the snapshot that is lost while it is held ends the command', async () => {
  const { project, source } = await sharedEdge(newestMajor, newestMajor);
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const { run } = await prepare(project, '--evidence', 'none');
  await source.query(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'walsender'`);
  const { code, stdout, stderr } = await run.result;
  expect(code).toBe(1);
  expect(stderr).toContain('INIT_SNAPSHOT_LOST');
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

test('an interrupt while the rows are read is in the audit log', async () => {
  const { project, source, node } = await sharedEdge(newestMajor, newestMajor);
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const { urls, pause } = await pausing([source.conninfo], {
    before: (statement) => statement.includes('SET TRANSACTION SNAPSHOT'),
  });
  const [primary = ''] = urls;
  const { run } = await prepare(project.with({ primary, reporting: node.url }));
  await pause.reached;
  run.kill('SIGINT');
  await run.said('Interrupted');
  pause.resume();
  expect((await run.result).code).not.toBe(0);
  const lines = await source.query(
    `SELECT event, detail ->> 'code' AS code FROM steep_repl.audit_log WHERE subject = 'init prepare' ORDER BY id`,
  );
  expect(lines.at(-1)).toEqual({ event: 'operation.failed', code: 'INTERRUPTED' });
});

test('the edge must be one that steep.yaml fills manually', async () => {
  const { project, slot } = await sharedEdge(newestMajor, newestMajor);
  const { code, stderr } = await project.steep('init', 'prepare', 'elsewhere', '--from', 'primary');
  expect(code).toBe(64);
  expect(stderr).toContain('INIT_NO_EDGE');
  const back = await project.steep('init', 'complete', 'primary', '--from', 'reporting');
  expect(back.code).toBe(64);
  const slotted = await project.steep('init', 'prepare', ...names, '--slot', 'another');
  expect(slotted.code).toBe(64);
  expect(slotted.stderr).toContain(`reads slot ${slot}, not another`);
  await project.describe(manualTopology(slot, { init: { method: 'snapshot' } }));
  expectRefusal(await project.steep('init', 'prepare', ...names), 'INIT_NOT_MANUAL');
});
