// steep init cancel of what steep init prepare made, and that no user will restore.

import { expect, test } from 'vitest';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { names as edge, prepare, sharedEdge } from '../../support/worlds/manual-init.ts';

const slotsIn = (source: TestDatabase, slot: string) =>
  source.query('SELECT FROM pg_replication_slots WHERE slot_name = $1', [slot]);

test('a prepared slot is dropped with its record; one that was read since then only by consent', async () => {
  const { project, source, slot } = await sharedEdge(newestMajor, newestMajor);
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  await (await prepare(project, '--evidence', 'none')).end();
  const cancel = ['init', 'cancel', 'reporting', '--auto-approve'];
  const cancelled = await project.steep(...cancel);
  expect(cancelled.code, cancelled.stdout + cancelled.stderr).toBe(0);
  expect(cancelled.stdout).toContain('COPY_CANCELLED');
  expect(await slotsIn(source, slot)).toEqual([]);
  expect(await source.query('SELECT FROM steep_repl.init_slots')).toEqual([]);
  expect(await source.query(`SELECT FROM steep_repl.objects WHERE kind = 'slot'`)).toEqual([]);

  expect((await project.steep('init', 'prepare', ...edge, '--no-hold')).code).toBe(0);
  await source.query('INSERT INTO events VALUES (1000, $1)', ['new']);
  await source.query('SELECT pg_replication_slot_advance($1, pg_current_wal_lsn())', [slot]);
  const refused = await project.steep(...cancel);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('SLOT_DROP');
  expect(await slotsIn(source, slot)).toHaveLength(1);
  const allowed = ['--allow-hazard', `SLOT_DROP=primary/slot.${slot}`];
  expect((await project.steep(...cancel, ...allowed)).code).toBe(0);
  expect(await slotsIn(source, slot)).toEqual([]);
});
