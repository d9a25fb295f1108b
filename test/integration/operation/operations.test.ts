// Commands that change nodes without a plan: each takes the run lock, waits for locks of others, and says in its log and in
// the audit log how it ended.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model/event.ts';
import { generate as generateSnapshot } from '../../../src/workflows/snapshot/snapshot-generate.ts';
import type { CliEvent } from '../../support/cli.ts';
import { faultsOf } from '../../support/documents.ts';
import { jsonLines } from '../../support/report.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { holderName, holdTransaction } from '../../support/servers/transaction.ts';
import type { Project } from '../../support/worlds/project.ts';
import { usualSnapshot } from '../../support/worlds/snapshot-request.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { createWorld, generate, slots } from '../snapshot/commands-world.ts';
import { runtime } from '../snapshot/snapshot-under-test.ts';

/** What the audit log holds of commands as a whole. */
const audited = (source: TestDatabase): Promise<readonly unknown[]> =>
  source.query(`SELECT event, subject, detail ->> 'code' AS code FROM steep_repl.audit_log
                 WHERE event LIKE 'operation.%' ORDER BY id`);

const logOf = async (project: Project, log: string): Promise<readonly CliEvent[]> => {
  const lines = jsonLines({ stdout: await project.read(log) }) as readonly CliEvent[];
  expect(lines.map((line) => faultsOf('events', line)).join('')).toBe('');
  return lines.filter(({ event }) => event !== 'session.statement');
};

const runLock = `pg_advisory_xact_lock(('x' || encode('steeprun', 'hex'))::bit(64)::bigint)`;

test('schema capture and snapshot generate wait for the run lock, and say how they ended', async () => {
  const world = await createWorld();
  const { project, source, backups } = world;
  await installMetadata(source);
  const other = await holdTransaction(source, `SELECT ${runLock}`);
  const capture = ['schema', 'capture', '--node', 'primary'];
  const output = join(backups, 'january');
  const making = ['snapshot', 'generate', '--node', 'primary', '--output', output];
  for (const args of [capture, making]) {
    const refused = await project.steep(...args, '--json', '--log-file', 'refused.jsonl');
    expect(refused.code, refused.stderr).toBe(5);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'RUN_LOCKED' } });
  }
  expect(await logOf(project, 'refused.jsonl')).toMatchObject([
    { event: 'operation.started', operation: 'schema capture' },
    { event: 'operation.failed', operation: 'schema capture', code: 'RUN_LOCKED' },
    { event: 'snapshot.failed', operation: 'generate', code: 'RUN_LOCKED' },
  ]);
  expect(await source.query('SELECT FROM steep_repl.schema_fingerprints')).toEqual([]);
  expect(await slots(source)).toEqual([]);
  expect(await audited(source)).toEqual([]);

  const waiting = [capture, making].map((args) =>
    project.steep(...args, '--wait-for-lock', '60s', '--log-file', `${args[1]}.jsonl`),
  );
  await other.commit();
  for (const result of await Promise.all(waiting)) expect(result.code, result.stderr).toBe(0);
  expect(await logOf(project, 'capture.jsonl')).toMatchObject([
    { event: 'operation.started' },
    { event: 'operation.completed', operation: 'schema capture' },
  ]);
  expect(await slots(source)).toHaveLength(1);
  expect(await audited(source)).toEqual(
    expect.arrayContaining([
      { event: 'operation.completed', subject: 'schema capture', code: null },
      { event: 'operation.completed', subject: 'snapshot generate', code: null },
    ]),
  );
});

const entry = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

test('snapshot generate holds the run lock until its slot is made, not while it reads rows', async () => {
  const { source, backups } = await createWorld();
  await installMetadata(source);
  const url = urlOf(source.conninfo);
  const codes = new Map<string, number | null>();
  // The process of the snapshot stops for as long as the other command runs.
  const onEvent = ({ event }: RunEvent): void => {
    if (event !== 'snapshot.started' && event !== 'snapshot.table_started') return;
    const args = [entry, 'schema', 'capture', '-c', url, '--as', 'primary'];
    codes.set(event, spawnSync(process.execPath, args, { env: {} }).status);
  };
  const result = await generateSnapshot(
    {
      ...usualSnapshot(),
      file: 'none',
      node: { node: null, connection: url, as: 'primary' },
      publications: [],
      location: join(backups, 'january'),
      compression: 'none',
      jobs: 1,
      slot: null,
      onEvent,
    },
    runtime,
  );
  expect(result.outcome).toBe('read');
  expect([...codes]).toEqual([
    ['snapshot.started', 5],
    ['snapshot.table_started', 0],
  ]);
});

test('a role without rights on steep_repl makes a snapshot, and waits for runs that hold the lock', async () => {
  const world = await createWorld();
  const { project, source, backups } = world;
  await installMetadata(source);
  const role = `reader_${source.name}`;
  await source.query(`
    CREATE ROLE ${role} LOGIN REPLICATION PASSWORD 'secret';
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
  const url = urlOf(source.conninfo.with({ user: role, password: 'secret' }));
  const asRole = { ...world, project: project.with({ primary: url }) };
  const holder = await holdTransaction(source, `SELECT ${runLock}`);
  const output = join(backups, 'locked');
  const refused = await asRole.project.steep(
    'snapshot',
    'generate',
    '--node',
    'primary',
    '--output',
    output,
  );
  expect(refused.code, refused.stderr).toBe(5);
  await holder.commit();
  const { manifest } = await generate(asRole, 'january');
  expect(await slots(source)).toEqual([manifest.slot]);
});

test('schema capture says whom it waits for, and ends once the lock is free', async () => {
  const { project, source } = await createWorld();
  await installMetadata(source);
  const report = await holdTransaction(
    source,
    'LOCK TABLE steep_repl.schema_fingerprints IN SHARE MODE',
  );
  const run = project.start('schema', 'capture', '--node', 'primary');
  await run.said(holderName);
  await report.commit();
  const { code, stdout } = await run.result;
  expect([code, stdout]).toEqual([0, 'primary: 2 tables captured.\n']);
});
