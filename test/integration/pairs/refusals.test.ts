// What blocks a pair, and that nothing is lost by trying: the second node was written to, or emptied, at the wrong
// moment.

import { expect, test } from 'vitest';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { startOf, waitForSlotCreation } from '../../support/worlds/edge.ts';
import { assertEqual, createPair, onServers, pairOf, rowsOf } from '../../support/worlds/pair.ts';

// Held transactions delay the creation of every slot of a server: that one is not shared.
const server = await cluster.privateServer(newestMajor);
const privately = () => createPair({ us: server, eu: server });
const shared = async () => createPair(await onServers(newestMajor, newestMajor));

const slotsOf = (database: { query(text: string): Promise<unknown[]> }) =>
  database.query(`SELECT FROM pg_replication_slots WHERE database = current_database()`);

test('a row that is written between plan and slot: refused, and the slot is gone', async () => {
  const { project, us, eu, name } = await privately();
  const before = await rowsOf(us);
  const writer = await holdTransaction(eu, `INSERT INTO accounts VALUES (2, 'early')`);
  const run = project.start('apply', '--auto-approve', '--json');
  await run.until(startOf(`create-slot eu/slot.${name}_from_eu`));
  await waitForSlotCreation(eu);
  await writer.commit();
  const { code, stdout } = await run.result;
  expect(code).toBe(6);
  expect(stdout).toContain('TABLES_NOT_EMPTY');
  expect(await slotsOf(eu)).toEqual([]);
  expect(await eu.query('SELECT note FROM accounts')).toEqual([{ note: 'early' }]);
  expect(await rowsOf(us)).toEqual(before);

  const blocked = await project.steep('apply', '--auto-approve');
  expect(blocked.code).toBe(3);
  expect(blocked.stdout).toContain('COPY_INTO_NONEMPTY');

  // TRUNCATE is replicated: it must not reach the side that holds the rows.
  await eu.query('TRUNCATE accounts');
  const again = await project.steep('apply', '--auto-approve');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect(await rowsOf(us)).toEqual(before);
  expect(await rowsOf(eu)).toEqual(before);
});

test('killed once the slot is there; rows come and are truncated: they are not replicated', async () => {
  const world = await shared();
  const { project, us, eu, name } = world;
  const before = await rowsOf(us);
  const killed = project.start('apply', '--auto-approve', '--json');
  await killed.until(startOf(`verify-empty eu/slot.${name}_from_eu`));
  killed.kill('SIGKILL');
  await killed.result;
  await eu.query('INSERT INTO accounts SELECT generate_series(1, 9); TRUNCATE accounts');
  const outcomes: (number | null)[] = [];
  for (const _attempt of [1, 2]) {
    const { code } = await project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');
    outcomes.push(code);
  }
  // The kill may have come too late to keep the copy from being begun: then all is as it should be at once.
  expect(outcomes.at(-1)).toBe(0);
  expect(await rowsOf(us)).toEqual(before);
  await assertEqual(world);
});

test('killed between the proof and the way back: the same command continues', async () => {
  const world = await shared();
  const { project, name } = world;
  const killed = project.start('apply', '--auto-approve', '--json');
  await killed.until(startOf(`create-subscription us/subscription.${name}_from_eu`));
  killed.kill('SIGKILL');
  await killed.result;
  const again = await project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await assertEqual(world);
});

test('a new table that holds rows on the second node is a block', async () => {
  const { project, eu, name } = await shared();
  await project.describe(pairOf(name, ['log']));
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  await eu.query(`INSERT INTO accounts VALUES (2, 'here first')`);
  await project.describe(pairOf(name, ['log', 'accounts']));
  const planned = await project.steep('plan');
  expect(planned.stdout).toMatch(/! BLOCK +COPY_INTO_NONEMPTY/);
  expect((await project.steep('apply', '--auto-approve')).code).toBe(3);
});

test('a new table that is written to between plan and lock is refused, and then taken in', async () => {
  const world = await privately();
  const { project, us, eu, name } = world;
  await project.describe(pairOf(name, ['log']));
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const before = await rowsOf(us);
  await project.describe(pairOf(name, ['log', 'accounts']));
  const writer = await holdTransaction(eu, `INSERT INTO accounts VALUES (2, 'late')`);
  const run = project.start('apply', '--auto-approve', '--json');
  await run.until(startOf(`refresh-while-empty us/subscription.${name}_from_eu`));
  await writer.commit();
  const { code, stdout } = await run.result;
  expect(code).toBe(6);
  expect(stdout).toContain('TABLES_NOT_EMPTY');
  await eu.query('TRUNCATE accounts');
  const again = await project.steep('apply', '--auto-approve');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect(await rowsOf(us)).toEqual(before);
  await assertEqual(world);
});

test('--no-wait still waits for the copy before it lets the other direction in', async () => {
  const world = await shared();
  const applied = await world.project.steep('apply', '--auto-approve', '--no-wait');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await assertEqual(world);
});

test('every other command knows pairs', async () => {
  const { project, us, eu } = await shared();
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  for (const command of [
    ['validate'],
    ['fmt'],
    ['fmt', '--check'],
    ['graph'],
    ['graph', '--live'],
    ['status'],
    ['drift'],
    ['doctor'],
  ]) {
    const { code, stdout, stderr } = await project.steep(...command);
    expect(code, `${command.join(' ')}: ${stdout}${stderr}`).toBe(0);
  }
  await project.write('steep.yaml', '');
  const nodes = [us, eu].flatMap(({ url }, index) => ['--node', `${['us', 'eu'][index]}=${url}`]);
  const imported = await project.steep('import', ...nodes, '--force');
  expect(imported.code, imported.stderr).toBe(0);
  expect(await project.read('steep.yaml')).toContain('origin: none');
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});
