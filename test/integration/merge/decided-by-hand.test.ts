// strategy: manual. Nothing is merged before each conflict is decided in the file, for the rows that are there now.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { startOf } from '../../support/worlds/edge.ts';
import {
  beforeLocks,
  consentTo,
  createMerge,
  killApply,
  type MergeWorld,
  mergeOf,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';

interface Line {
  readonly key: { readonly id: string };
  keep: string | null;
}

const file = 'decisions.ndjson';
const manual = { strategy: 'manual', decisions: file } as const;

const linesOf = async ({ project }: MergeWorld): Promise<readonly Line[]> =>
  (await project.read(file))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const keepsOf = async (world: MergeWorld): Promise<string> =>
  (await linesOf(world))
    .map(({ key, keep }) => `${key.id} ${keep}`)
    .toSorted()
    .join(', ');

/** Writes the file, and then decides what is not decided in it. */
const decideAll = async (
  world: MergeWorld,
  keep: Readonly<Record<string, string>>,
): Promise<void> => {
  const { project, name } = world;
  const written = await project.steep('merge', 'conflicts', name, '--out', file);
  expect(written.stderr).toBe('');
  const lines = await linesOf(world);
  for (const line of lines) line.keep ??= keep[line.key.id] ?? null;
  await project.write(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
};

test('what is not decided, decided for other rows or not readable merges nothing', async () => {
  const world = await createMerge({
    strategy: 'prefer-node-a',
    decisions: file,
    tables: { orders: { strategy: 'manual' } },
  });
  const { us, eu, name, project } = world;
  await eu.query(`UPDATE orders SET note = '<script>eu</script>' WHERE id = 9`);
  const undecided = await project.steep('plan');
  expect(undecided.stdout).toMatch(/MERGE_REFUSED[\s\S]*\(MERGE_UNDECIDED\)/);
  expect(undecided.stdout).toContain('5 conflicts of public.orders are not decided: (id) = (');
  expect(undecided.stdout).toContain(`steep merge conflicts ${name} --out ${file}`);

  await decideAll(world, { 5: 'a', 6: 'b', 7: 'a', 8: 'a' });
  expect(await keepsOf(world)).toBe('5 a, 6 b, 7 a, 8 a, 9 null');
  const listed = await project.steep('merge', 'conflicts', name, '--report', 'html=found.html');
  expect(listed.code, listed.stdout + listed.stderr).toBe(3);
  expect(listed.stdout).toMatch(
    /public.orders \(id = 9\): manual, undecided\n +note +us: us +eu: <s/,
  );
  expect(listed.stdout).toMatch(/public.orders \(id = 6\): eu \(manual\)/);
  expect(listed.stdout).toContain('1 conflict of public.orders is not decided: (id) = (9).');
  const page = await project.read('found.html');
  expect(page).toContain('<mark>&lt;script&gt;eu&lt;/script&gt;</mark>');
  expect(page).not.toContain('<script>');
  expect(page).toMatch(/<del>us<\/del><\/td><td class="said"><ins>eu<\/ins>/);

  await us.query(`UPDATE orders SET note = 'other' WHERE id = 6`);
  await eu.query('DELETE FROM orders WHERE id = 7');
  const stale = await project.steep('plan');
  expect(stale.stdout).toMatch(
    /MERGE_DECISION_STALE\): 2 conflicts of public.orders are decided for rows that have changed/,
  );
  await decideAll(world, { 6: 'b', 9: 'b' });
  expect(await keepsOf(world)).toBe('5 a, 6 b, 8 a, 9 b');
  expect((await project.steep('plan', '--detailed-exitcode')).stdout).toContain('manual: 2');

  const text = await project.read(file);
  await project.write(file, `${text}{}\n${text.replace('"keep":"a"', '"keep":"us"')}`);
  const bad = await project.steep('plan');
  expect(bad.code, bad.stdout + bad.stderr).toBe(65);
  expect(bad.stderr).toContain('MERGE_DECISIONS_INVALID');
  expect(bad.stderr).toContain(`${file}:5 has no`);
  expect(bad.stderr).toMatch(/ndjson:[6-9] \(public.orders, id = \d\): .keep. has to be/);
  expect(bad.stderr).toMatch(/ndjson:[6-9] \(public.orders, id = \d\): decided before/);
});

test('rows are as the file says, and no other file or row counts than those of the plan', async () => {
  const world = await createMerge(manual);
  const { us, eu, name, project } = world;
  const keep = { 5: 'a', 6: 'b', 7: 'a', 8: 'a', 9: 'b' };
  await decideAll(world, keep);
  const before = [await notesOf(us), await notesOf(eu)];
  const planned = await project.steep('plan', '--out', 'saved.plan');
  expect(planned.stdout).toMatch(/2 rows of public.orders on node us .*manual: 2/);
  const text = await project.read(file);
  await project.write(file, text.replace('"keep":"a"', '"keep":"b"'));
  const waiting = ['--wait-for-lock', '60s'] as const;
  const allow = ['--auto-approve', ...consentTo(name)] as const;
  const saved = await project.steep('apply', 'saved.plan', ...consentTo(name));
  expect(saved.code, saved.stdout + saved.stderr).toBe(4);
  await project.write(file, text);

  // The slots are there then, so that nothing waits for the writer but the locks.
  await killApply(world, beforeLocks);
  const writer = await holdTransaction(eu, `UPDATE orders SET note = 'late' WHERE id = 7`);
  const run = project.start('apply', ...allow, ...waiting, '--json', '--lock-timeout', '20s');
  await run.until(startOf(`merge-pair eu/subscription.${name}_from_us`));
  await writer.commit();
  const { code, stdout } = await run.result;
  expect(code, stdout).toBe(4);
  expect(stdout).toContain('MERGE_DECISION_STALE');
  expect(await notesOf(us)).toBe(before[0]);

  await decideAll(world, keep);
  const applied = await project.steep('apply', ...allow);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const merged = '5 us, 6 eu, 7 us, 8 us, 9 eu, 200 only us, 301 only eu, 302 only eu';
  expect([await notesOf(us), await notesOf(eu)]).toEqual([merged, merged]);
  await waitForSameRows(us, eu, [orders]);
  const rules = `SELECT DISTINCT rule FROM steep_repl.merge_audit_log`;
  expect(await us.query(rules)).toEqual([{ rule: 'manual' }]);
  await project.describe(mergeOf(name, { strategy: 'manual' }));
  const incomplete = await project.steep('validate');
  expect(incomplete.code).toBe(65);
  expect(incomplete.stdout + incomplete.stderr).toContain('needs `decisions` beside it');
});
