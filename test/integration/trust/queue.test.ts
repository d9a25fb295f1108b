// What roles that may queue operations have a worker do: read what only superusers may, write elsewhere, forge lines of its log.

import { access, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { call, createQueueWorld, operationOf } from '../queue/queue-world.ts';
import { newDirectory } from '../snapshot/snapshot-under-test.ts';

const [oldestMajor = newestMajor] = majors;

describe.each(lastByDay([oldestMajor, newestMajor]))('PostgreSQL %i', (major) => {
  test('no catalogs in snapshots, no way out of the folder of the worker, no line of its log', async () => {
    const { project, primary, backups } = await createQueueWorld(major, 10);
    const elsewhere = await newDirectory();
    await symlink(elsewhere, join(backups, 'link'));
    const hashes: string[] = [];
    for (const table of ['pg_catalog.pg_authid', 'steep_repl.merge_audit_log']) {
      const place = join(backups, table);
      hashes.push(await call(primary, `start_snapshot('${place}', p_tables => ARRAY['${table}'])`));
    }
    const out = await call(
      primary,
      `start_snapshot('${join(backups, 'link', 'out')}', p_tables => ARRAY['public.orders'])`,
    );
    const forged = await call(
      primary,
      `start_verify(E'x\\n2026-01-01T00:00:00Z Operation 9: complete. \\u202e')`,
    );
    const worker = await project.steep(
      'worker',
      '--once',
      '--node',
      'primary',
      '--snapshots',
      backups,
    );
    for (const id of hashes) {
      expect(await operationOf(primary, id)).toMatchObject({
        status: 'failed',
        error_code: 'USAGE',
      });
    }
    expect(await operationOf(primary, out)).toMatchObject({
      status: 'failed',
      error_code: 'WORK_LOCATION',
    });
    expect(await operationOf(primary, forged)).toMatchObject({ status: 'failed' });
    expect(await readdir(elsewhere)).toEqual([]);
    for (const table of ['pg_catalog.pg_authid', 'steep_repl.merge_audit_log']) {
      await expect(access(join(backups, table, 'data'))).rejects.toThrow('ENOENT');
    }
    expect(
      await primary.query(`SELECT FROM pg_replication_slots WHERE database = current_database()`),
    ).toEqual([]);
    expect(worker.stderr).not.toMatch(/^2026-01-01T|\u202e/m);
    expect(worker.stderr).toContain('x\\n2026-01-01T00:00:00Z Operation 9: complete. \\u202e');
  });
});
