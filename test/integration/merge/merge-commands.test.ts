// steep merge: what it would do, how far it is, what it did, and to give it up.

import { expect, test } from 'vitest';
import type { MergeConflict } from '../../../src/model/report/merge.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { allMajors, newestMajor } from '../../support/servers/majors.ts';
import {
  beforeLocks,
  commitNumber,
  consentTo,
  createMerge,
  killApply,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';

const oldestMerged = Math.min(...allMajors.filter((major) => major >= 16));

test('analyze, start, status and audit', async () => {
  const { us, eu, name, project } = await createMerge(
    {
      strategy: 'last-modified',
      modified_column: 'updated_at',
      tie: 'node_a',
      tables: { customers: { strategy: 'prefer-node-a' } },
    },
    [newestMajor, oldestMerged],
  );
  const before = [await notesOf(us), await notesOf(eu)];
  const analyzed = await project.steep('merge', 'analyze', name, '--conflicts', 'found.ndjson');
  expect(analyzed.code, analyzed.stdout + analyzed.stderr).toBe(0);
  expect(analyzed.stdout).toMatch(
    /public\.orders +95 equal, 5 conflicts, 1 only on us, 2 only on eu/,
  );
  expect(analyzed.stdout).toContain('us loses 2 rows (last-modified)');
  expect(analyzed.stdout).toContain('eu loses 3 rows (last-modified)');
  expect(analyzed.stdout).toContain('differ: note 5, updated_at 5');
  const found = (await project.read('found.ndjson')).trim().split('\n');
  const conflicts = found.map((line) => JSON.parse(line) as MergeConflict);
  expect(conflicts.map(({ key, winner }) => `${key.id} ${winner}`).toSorted()).toEqual([
    '5 us',
    '6 us',
    '7 us',
    '8 eu',
    '9 eu',
  ]);
  expect(conflicts.find(({ key }) => key.id === '8')).toMatchObject({
    table: 'public.orders',
    columns: ['note', 'updated_at'],
    rule: 'last-modified',
    a: { id: '8', customer: '1', note: 'us' },
    b: { id: '8', customer: '1', note: 'eu' },
  });
  const csv = ['--tables', 'customers', '--conflicts', 'found.csv', '--json'] as const;
  const some = await project.steep('merge', 'analyze', name, ...csv);
  expect(JSON.parse(some.stdout)).toMatchObject({
    state: 'to merge',
    tables: [{ table: 'public.customers', equal: 2, conflicts: 0, strategy: 'prefer-node-a' }],
  });
  expect(await project.read('found.csv')).toBe('table,key,columns,winner,rule,a,b\n');
  expect((await project.steep('merge', 'analyze', 'other')).code).toBe(64);
  expect((await project.steep('merge', 'analyze', name, '--tables', 'others')).code).toBe(64);
  expect((await project.steep('merge', 'analyze', name, '--conflicts', 'x.txt')).code).toBe(64);
  expect([await notesOf(us), await notesOf(eu)]).toEqual(before);
  expect(await us.query(`SELECT FROM pg_namespace WHERE nspname = 'steep_repl'`)).toEqual([]);
  const waiting = await project.steep('merge', 'status', name);
  expect(waiting.stdout).toContain('still to be merged');
  const nothing = await project.steep('merge', 'audit', name);
  expect(nothing.stdout).toContain('has written rows');

  const planned = await project.steep('plan');
  expect(planned.stdout).not.toContain('SEQUENCE_BEHIND');
  const refused = await project.steep('merge', 'start', name, '--auto-approve');
  expect(refused.code, refused.stdout + refused.stderr).toBe(3);
  const started = await project.steep('merge', 'start', name, '--auto-approve', ...consentTo(name));
  expect(started.code, started.stdout + started.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders]);

  const status = await project.steep('merge', 'status', name, '--json');
  const { state, runs } = JSON.parse(status.stdout);
  expect(state).toBe('merged');
  expect(runs).toHaveLength(2);
  expect(runs).toContainEqual(
    expect.objectContaining({ node: 'eu', state: 'completed', overwritten: 3, inserted: 1 }),
  );
  const audit = await project.steep('merge', 'audit', name, '--out', 'lost.csv');
  expect(audit.stdout).toMatch(/us +public\.orders +2 rows lost \(last-modified\)/);
  expect(audit.stdout).toMatch(/eu +public\.orders +3 rows lost \(last-modified\)/);
  const lost = (await project.read('lost.csv')).trim().split('\n');
  expect(lost).toHaveLength(6);
  expect(lost[0]).toBe('node,run_id,table,key,losing,winner,rule,at');
  expect(lost.filter((line) => line.startsWith('eu,'))[0]).toContain(
    '""note"": ""eu""'.replaceAll(': ', ':'),
  );
  const other = await project.steep('merge', 'audit', name, '--tables', 'customers');
  expect(other.stdout).toContain('no row was overwritten');
  expect((await project.steep('merge', 'audit', name, '--run', 'none')).code).toBe(64);
  const again = await project.steep('merge', 'analyze', name);
  expect(again.stdout).toContain('there is nothing to merge');
});

test('cancel: before the first commit nothing is left; after it, it is refused, and start finishes', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, name, project } = world;
  const before = [await notesOf(us), await notesOf(eu)];
  const left = `
    SELECT subname::text AS name FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid AND d.datname = current_database()
     UNION ALL SELECT slot_name FROM pg_replication_slots WHERE database = current_database()`;
  await killApply(world, beforeLocks);
  expect(await us.query(left)).toHaveLength(2);
  const cancel = ['merge', 'cancel', name, '--auto-approve', '--wait-for-lock', '60s'] as const;
  const cancelled = await project.steep(...cancel);
  expect(cancelled.code, cancelled.stdout + cancelled.stderr).toBe(0);
  expect([await us.query(left), await eu.query(left)]).toEqual([[], []]);
  expect([await notesOf(us), await notesOf(eu)]).toEqual(before);
  const nothing = await project.steep(...cancel);
  expect(nothing.code, nothing.stdout + nothing.stderr).toBe(0);

  await killApply(world, commitNumber(2));
  const refused = await project.steep(...cancel);
  expect(refused.code, refused.stdout + refused.stderr).toBe(3);
  expect(refused.stdout + refused.stderr).toContain('CANCEL_BLOCKED');
  expect(await us.query(left)).toHaveLength(2);
  const status = await project.steep('merge', 'status', name);
  expect(status.stdout).toContain('ended between the commits');
  const started = await project.steep('merge', 'start', name, '--auto-approve', ...consentTo(name));
  expect(started.code, started.stdout + started.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders]);
  const merged = await project.steep(...cancel);
  expect(merged.code, merged.stdout + merged.stderr).toBe(0);
  expect(merged.stdout).toContain('there is no merge to give up');
  expect(merged.stdout).toContain('steep merge undo ');
  expect(await us.query(left)).toHaveLength(2);
});
