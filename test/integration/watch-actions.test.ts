// Changes from the screen of steep watch, with the real program in a pseudo terminal and real servers.

import { expect, test } from 'vitest';
import { createEdge, type Edge } from '../support/worlds/edge.ts';
import { inTerminal } from '../support/worlds/terminal.ts';

const enter = '\r';
const leave = '\u001b';

const isEnabled = async ({ subscriber }: Edge): Promise<boolean> => {
  const [row] = await subscriber.query<{ readonly on: boolean }>(
    `SELECT s.subenabled AS on FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid
      WHERE d.datname = current_database()`,
  );
  return row?.on === true;
};

test('a subscription is disabled and enabled, its tables are verified and re-initialized, with consent', async () => {
  const edge = await createEdge();
  const applied = await edge.project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stderr).toBe(0);
  const watch = inTerminal(edge.project, 'watch');
  await watch.shows(/subscriber .* ok /);
  watch.type('2');
  await watch.shows(/> items +publisher -> subscriber/);

  watch.type('P');
  const plan = await watch.shows('Apply this plan? Only "yes" is accepted: _');
  expect(plan).toContain('Disable subscriber/items');
  expect(plan).toMatch(/Slot .* of node publisher keeps .* of WAL now/);
  watch.type(`no${enter}`);
  await watch.shows('Declined: nothing was changed.');
  expect(await isEnabled(edge)).toBe(true);
  watch.type(`${leave}`);
  await watch.shows(/> items +publisher -> subscriber/);
  watch.type('P');
  await watch.shows('Only "yes" is accepted: _');
  watch.type(`yes${enter}`);
  await watch.shows(/Applied.*1 of 1 step done/);
  expect(await isEnabled(edge)).toBe(false);
  watch.type(leave);
  await watch.shows(/> items +publisher -> subscriber +BROKEN/);
  watch.type('P');
  const enabling = await watch.shows('Only "yes" is accepted: _');
  expect(enabling).toContain('Enable subscriber/items');
  watch.type(`yes${enter}`);
  await watch.shows(/Applied.*1 of 1 step done/);
  expect(await isEnabled(edge)).toBe(true);
  watch.type(leave);

  await edge.subscriber.query(`UPDATE items SET note = 'changed' WHERE id = 7`);
  await watch.shows(/> items +publisher -> subscriber/);
  watch.type(enter);
  await watch.shows(/> {0,1} ?public\.items/);
  watch.type('R');
  await watch.shows('Mark the tables first');
  watch.type(leave);
  await watch.shows('public.items');
  watch.type(' ');
  await watch.shows('>*public.items');
  watch.type('V');
  await watch.shows('Compare them now? Only "yes" is accepted: _');
  watch.type(`yes${enter}`);
  await watch.shows('DIFFERENT');
  watch.type(leave);
  await watch.shows('>*public.items');
  watch.type('R');
  const asked = await watch.shows(/type the address (\S+) to agree to this danger: _/);
  const [, code, address] = /(\w+): type the address (\S+) to agree/.exec(asked) ?? [];
  watch.type(`${address}${enter}`);
  await watch.shows('Apply this plan? Only "yes" is accepted: _');
  watch.type(`yes${enter}`);
  await watch.shows(/Applied and converged/);
  const [row] = await edge.subscriber.query<{ readonly note: string }>(
    'SELECT note FROM items WHERE id = 7',
  );
  expect(row?.note).toBe('note 7');
  watch.type(leave);
  await watch.shows('public.items');
  watch.type('q');
  const output = await watch.end();
  expect(output).toContain('code=0');
  expect(output.slice(output.lastIndexOf('\u001b[?1049l'))).toContain('Disable subscriber/items');

  // What was agreed to when it was started is not asked for again; with --strict, warnings are.
  const consented = inTerminal(edge.project, `watch --allow-hazard ${code}=${address}`);
  await consented.shows(/subscriber .* ok /);
  consented.type('2');
  await consented.shows(/> items +publisher -> subscriber/);
  consented.type(enter);
  await consented.shows('> public.items');
  consented.type(' R');
  expect(await consented.shows(/_$/m)).toContain('Apply this plan? Only "yes" is accepted: _');
  consented.type(`no${enter}`);
  await consented.shows('Declined: nothing was changed.');
  consented.type(leave);
  await consented.shows('>*public.items');
  consented.type('q');
  expect(await consented.end()).toContain('code=0');
});
