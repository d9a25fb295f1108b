// steep merge undo: rows that lost are back on both nodes, unless something has changed them since.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { isByDay, lastByDay } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  consentTo,
  createMerge,
  killRun,
  type MergeWorld,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';

/** Merged, with both subscriptions enabled. Returns the run. */
const merge = async ({ us, eu, project, name }: MergeWorld): Promise<string> => {
  const started = await project.steep('merge', 'start', name, '--auto-approve', ...consentTo(name));
  expect(started.code, started.stdout + started.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders]);
  const status = await project.steep('merge', 'status', name, '--json');
  const { runs } = JSON.parse(status.stdout) as { readonly runs: readonly { run_id: string }[] };
  const [run] = runs;
  if (run === undefined) throw new Error(status.stdout);
  return run.run_id;
};

const consent = (...nodes: readonly string[]): readonly string[] =>
  nodes.flatMap((node) => ['--allow-hazard', `UNDO_OVERWRITES=${node}/table.public.orders`]);

/** Other rows of both nodes, for as long as the test goes. */
const keepWriting = (...databases: readonly TestDatabase[]): (() => Promise<void>) => {
  let stopped = false;
  const loops = databases.map(async (database, at) => {
    for (let n = 0; !stopped; n += 1) {
      await database.query(`UPDATE orders SET note = 'w${n}' WHERE id = ${50 + at}`);
    }
  });
  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.all(loops);
  };
  onTestFinished(stop);
  return stop;
};

const inserted = '200 only us, 301 only eu, 302 only eu';

const strategies: readonly (readonly [
  string,
  Readonly<Record<string, unknown>>,
  string[],
  string,
])[] = [
  ['prefer-node-a', {}, ['eu'], '6 eu, 7 eu, 8 eu, 9 eu'],
  ['prefer-node-b', {}, ['us'], '6 us, 7 us, 8 us, 9 us'],
  [
    'last-modified',
    {
      modified_column: 'updated_at',
      tie: 'node_a',
      tables: { customers: { strategy: 'prefer-node-a' } },
    },
    ['us', 'eu'],
    '6 eu, 7 eu, 8 us, 9 us',
  ],
];

for (const [strategy, more, losers, back] of lastByDay(strategies)) {
  test(`${strategy}: lost rows are back on both nodes under writers; one that was changed stays`, async () => {
    const world = await createMerge({ strategy, ...more });
    const { us, eu, project } = world;
    const run = await merge(world);
    await us.query(`UPDATE orders SET note = 'later' WHERE id = 5`);
    await waitForSameRows(us, eu, [orders]);

    const undo = ['merge', 'undo', run, '--auto-approve'] as const;
    const before = await notesOf(us);
    const shown = await project.steep(...undo, '--dry-run');
    expect(shown.code, shown.stdout + shown.stderr).toBe(2);
    expect(shown.stdout).toContain('UNDO_ROWS_CHANGED');
    expect(shown.stdout).toContain('1 changed since, left as they are');
    expect(shown.stdout).toContain('that the merge inserted on');
    const refused = await project.steep(...undo);
    expect(refused.code, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stderr).toContain('UNDO_OVERWRITES');
    expect([await notesOf(us), await notesOf(eu)]).toEqual([before, before]);

    const stop = keepWriting(us, eu);
    const undone = await project.steep(...undo, ...consent(...losers));
    await stop();
    expect(undone.code, undone.stdout + undone.stderr).toBe(0);
    await waitForSameRows(us, eu, [orders]);
    for (const database of [us, eu]) {
      const notes = await database.query<{ readonly all: string }>(
        `SELECT string_agg(id || ' ' || note, ', ' ORDER BY id) AS all FROM orders WHERE note <> 'same' AND id NOT IN (50, 51)`,
      );
      expect(notes[0]?.all).toBe(`5 later, ${back}, ${inserted}`);
    }
    const [logged] = await eu.query<{ readonly rows: number }>(
      `SELECT count(*)::int AS rows FROM steep_repl.merge_audit_log WHERE rule = 'undo of ${run}'`,
    );
    expect(logged?.rows).toBe(4);
    const again = await project.steep(...undo, ...consent(...losers));
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(again.stdout).toContain('There is nothing to write back');
    expect((await project.steep('merge', 'undo', 'none')).code).toBe(64);
    const other = await project.steep(...undo, '--tables', 'customers');
    expect(other.stdout).toContain('There is nothing to write back');
  });
}

test('rows that are written meanwhile: both nodes have the same ones, and what was written is not lost', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, project } = world;
  const run = await merge(world);
  let [written, stopped] = [0, false];
  const writing = (async () => {
    for (; !stopped; written += 1) {
      await us.query(`UPDATE orders SET note = 'us ${written}' WHERE id = 6`);
      await us.query(`UPDATE orders SET note = 'us' WHERE id = 6`);
      await eu.query(`UPDATE orders SET note = 'eu ${written}' WHERE id = 8`);
    }
  })();
  onTestFinished(() => {
    stopped = true;
  });
  await waitFor('a row that is written', async () => written > 3);
  const undone = await project.steep('merge', 'undo', run, '--auto-approve', ...consent('eu'));
  stopped = true;
  await writing;
  expect(undone.code, undone.stdout + undone.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders]);
  expect(await notesOf(us)).toBe(`5 eu, 6 us, 7 eu, 8 eu ${written - 1}, 9 eu, ${inserted}`);
});

test('refused: a pair that does not replicate; a unique value that is in use is left', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, project, name } = world;
  await us.query(`UPDATE customers SET email = 'c@x' WHERE id = 1`);
  const customers = ['--allow-hazard', 'MERGE_OVERWRITES=eu/table.public.customers'] as const;
  const start = [
    'merge',
    'start',
    name,
    '--auto-approve',
    ...consentTo(name),
    ...customers,
  ] as const;
  expect((await project.steep(...start)).code).toBe(0);
  const status = await project.steep('merge', 'status', name, '--json');
  const run: string = JSON.parse(status.stdout).runs[0].run_id;
  await eu.query(`INSERT INTO customers VALUES (3, 'a@x')`);
  await waitForSameRows(us, eu, [{ schema: 'public', name: 'customers' }]);
  await eu.query(`ALTER SUBSCRIPTION ${name}_from_us DISABLE`);
  const flags = ['--allow-hazard', 'UNDO_OVERWRITES=eu/table.public.customers'] as const;
  const undo = ['merge', 'undo', run, '--auto-approve', ...consent('eu'), ...flags] as const;
  const refused = await project.steep(...undo);
  expect(refused.code, refused.stdout + refused.stderr).toBe(3);
  expect(refused.stderr).toContain('UNDO_NOT_READY');
  await eu.query(`ALTER SUBSCRIPTION ${name}_from_us ENABLE`);
  const undone = await project.steep(...undo);
  expect(undone.code, undone.stdout + undone.stderr).toBe(7);
  expect(undone.stdout).toContain('allows only once');
  const emails = 'SELECT id, email FROM customers ORDER BY id';
  expect(await us.query(emails)).toEqual(await eu.query(emails));
  await waitForSameRows(us, eu, [orders]);
  expect(await notesOf(us)).toContain('5 eu');
});

const commit = (wanted: number): ((text: string) => boolean) => {
  let [noted, commits] = [0, 0];
  return (text) => {
    if (text.includes('INSERT INTO steep_repl.merge_audit_log')) noted += 1;
    if (noted === 2 && text === 'COMMIT') commits += 1;
    return commits === wanted;
  };
};

const nth = (wanted: number, part: string): ((text: string) => boolean) => {
  let seen = 0;
  return (text) => {
    if (text.includes(part)) seen += 1;
    return seen === wanted;
  };
};

const moments: readonly (readonly [string, () => (text: string) => boolean, string, string])[] = [
  ['before rows are locked', () => nth(1, 'FOR UPDATE'), 'us', 'us'],
  [
    'before the first row is written',
    () => nth(1, 'INSERT INTO steep_repl.merge_audit_log'),
    'us',
    'us',
  ],
  [
    'before the second node is written',
    () => nth(2, 'INSERT INTO steep_repl.merge_audit_log'),
    'us',
    'us',
  ],
  ['before the first commit', () => commit(1), 'us', 'us'],
  ['between the commits', () => commit(2), 'eu', 'us'],
  ['before its end is noted', () => nth(1, 'SET state = $1'), 'eu', 'eu'],
];

for (const [moment, at, onUs, onEu] of moments.filter(
  ([it]) => !isByDay || it === 'between the commits',
)) {
  test.concurrent(`killed ${moment}: the same command finishes`, async () => {
    const world = await createMerge({ strategy: 'prefer-node-a' });
    const { us, eu, project } = world;
    const run = await merge(world);
    const undo = ['merge', 'undo', run, '--auto-approve', ...consent('eu')] as const;
    await killRun(world, undo, at());
    const notes = (won: string) =>
      `${[5, 6, 7, 8, 9].map((id) => `${id} ${won}`).join(', ')}, ${inserted}`;
    // A server may still be about to end the session of the run.
    await waitFor('what was committed', async () => (await notesOf(us)) === notes(onUs));
    await waitFor('what was committed', async () => (await notesOf(eu)) === notes(onEu));
    const undone = await project.steep(...undo, '--wait-for-lock', '60s');
    expect(undone.code, undone.stdout + undone.stderr).toBe(0);
    await waitForSameRows(us, eu, [orders]);
    expect([await notesOf(us), await notesOf(eu)]).toEqual([notes('eu'), notes('eu')]);
  });
}
