// What operations show of themselves while they run, and commands that name a server without steep.yaml.

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newestMajor } from '../../support/servers/majors.ts';
import { call, createQueueWorld, operationOf, type QueueWorld } from './queue-world.ts';

const rowsOf = async ({ reporting }: QueueWorld): Promise<number> => {
  const [row] = await reporting.query<{ readonly n: number }>(
    'SELECT count(*)::int AS n FROM orders',
  );
  return row?.n ?? 0;
};

describe(`PostgreSQL ${newestMajor}`, () => {
  test('start_init copies by the method that it names; ops status says how far it is', async () => {
    const world = await createQueueWorld(newestMajor);
    const { project, primary, reporting, backups } = world;
    const init = await call(reporting, `start_init('reporting', p_method => 'native')`);
    const snapshot = await call(
      primary,
      `start_snapshot('${join(backups, 'seen')}', p_tables => ARRAY['orders'])`,
    );
    const worker = await project.steep('worker', '--once', '--snapshots', backups);
    expect(worker.code, worker.stderr).toBe(0);
    expect(await operationOf(reporting, init)).toMatchObject({ status: 'complete', error: null });
    expect(
      await reporting.query('SELECT method FROM steep_repl.subscriptions_init'),
      'steep.yaml says nothing of it: parallel without the parameter',
    ).toEqual([{ method: 'native' }]);
    expect(await rowsOf(world)).toBe(1000);
    const copied = await project.steep('ops', 'status', init, '--node', 'reporting');
    expect(copied.stdout).toMatch(/feed: done 100%/);
    const made = await project.steep('ops', 'status', snapshot, '--node', 'primary');
    expect(made.stdout).toMatch(/: complete 100%/);
  });

  test('snapshots and schemas of servers that are named by -c, or by the variables of libpq', async () => {
    const world = await createQueueWorld(newestMajor);
    const { project, primary, reporting, backups } = world;
    const libpq = project.withEnvironment({
      PGHOST: '127.0.0.1',
      PGPORT: primary.conninfo.get('port') ?? '',
      PGUSER: primary.conninfo.get('user') ?? '',
      PGPASSWORD: primary.conninfo.get('password') ?? '',
      PGDATABASE: primary.name,
    });
    const place = join(backups, 'bare');
    const made = await libpq.steep('snapshot', 'generate', '--output', place, '--no-slot');
    expect(made.code, made.stderr).toBe(0);
    const exported = await libpq.steep('schema', 'export');
    expect(exported.code, exported.stderr).toBe(0);
    expect(exported.stdout).toContain('orders');
    const loaded = await project.steep('snapshot', 'apply', '-c', reporting.url, '--input', place);
    expect(loaded.code, loaded.stderr).toBe(0);
    expect(await rowsOf(world)).toBe(1000);
  });
});
