// A publication that was renamed manually, and a subscription that was pointed to the new name before it had read what
// was written under the old one: on 14 to 17 it fails again and again, on 18 it would skip rows. steep names it and
// repairs it.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, type Edge, items, startOf } from '../../support/worlds/edge.ts';

/** 14 says nothing of errors, 16 counts them, 18 skips what is missing. */
const told = majors.filter((major) => [14, 16, 18].includes(major));
const tested = lastByDay(told);

/** Missing publications are skipped, and rows with them. */
const skips = (major: number): boolean => major >= 18;

/** Where steep has to refuse; by day one of them. */
const lastThatFails = told.filter((major) => !skips(major)).slice(-1);

const slotIsFree = ({ publisher, slot }: Edge): Promise<boolean> =>
  waitFor('nobody to read the slot', async () => {
    const [found] = await publisher.query<{ readonly active: boolean }>(
      `SELECT active FROM pg_replication_slots WHERE slot_name = '${slot}'`,
    );
    return found?.active === false;
  });

const fileOf = ({ slot }: Edge, publication: string) => ({
  publications: { [publication]: { node: 'publisher', tables: ['items'] } },
  subscriptions: {
    items: { node: 'subscriber', source: 'publisher', publications: [publication], slot },
  },
});

const createApplied = async (major: number): Promise<Edge> => {
  const edge = await createEdge({ publisher: await cluster.server(major) });
  // What is not published is decoded too, and moves no position of the subscriber.
  await edge.publisher.query('CREATE TABLE notes (id int)');
  const { code, stderr } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stderr).toBe(0);
  return edge;
};

/**
 * Rows before and after `change`, and of transactions that were open at it: one commits in the middle of a transaction that
 * needs what comes then, the other after it. The subscription reads `publication` from now on, and has read nothing of it.
 */
const fallBehind = async (
  edge: Edge,
  major: number,
  change: string,
  publication: string,
): Promise<void> => {
  const { publisher, subscriber } = edge;
  await subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await slotIsFree(edge);
  await publisher.query(`INSERT INTO items VALUES (201, 'before')`);
  await publisher.query('INSERT INTO notes VALUES (1)');
  const open = [
    await holdTransaction(publisher, 'INSERT INTO notes VALUES (2)'),
    await holdTransaction(publisher, `INSERT INTO items VALUES (202, 'open')`),
  ];
  await publisher.query(change);
  const later = await holdTransaction(publisher, `INSERT INTO items VALUES (203, 'after')`);
  await open[0]?.commit();
  await later.commit();
  // A walsender that has looked up the names looks them up again, with the catalog of the transaction that commits next.
  const touch = `ALTER PUBLICATION ${publication} SET (publish = 'insert, update, delete, truncate')`;
  if (!skips(major)) await publisher.query(touch);
  await open[1]?.commit();
  await publisher.query('INSERT INTO notes VALUES (3)');
  await subscriber.query(
    `ALTER SUBSCRIPTION items SET PUBLICATION ${publication} WITH (refresh = false)`,
  );
};

const renameByHand = async (edge: Edge, major: number): Promise<void> => {
  await fallBehind(edge, major, 'ALTER PUBLICATION items RENAME TO goods', 'goods');
  await edge.project.describe(fileOf(edge, 'goods'));
  if (!skips(major)) await edge.subscriber.query('ALTER SUBSCRIPTION items ENABLE');
};

const expectMended = async (edge: Edge): Promise<void> => {
  await waitForSameRows(edge.publisher, edge.subscriber, [items]);
  const again = await edge.project.steep('plan', '--detailed-exitcode');
  expect(again.stdout).toContain('No changes.');
  expect(again.code).toBe(0);
};

const saysTooNew = 'publication goods did not exist yet';

test.concurrent.each(tested)('%i: every command names it, and apply repairs it', async (major) => {
  const edge = await createApplied(major);
  const { project } = edge;
  await renameByHand(edge, major);

  const status = await project.steep('status', '--json');
  expect(status.stdout).toContain('"too_new_publications":["goods"]');
  if (!skips(major)) expect(status.stdout).toContain(saysTooNew);
  const drift = await project.steep('drift', '--json', '--class', 'runtime');
  expect(drift.stdout).toContain('"code":"PUBLICATION_TOO_NEW"');
  expect((await project.steep('doctor')).stdout).toContain(saysTooNew);
  const plan = await project.steep('plan');
  expect(plan.code, plan.stderr).toBe(0);
  expect(plan.stdout).toContain(saysTooNew);

  const { code, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stderr).toBe(0);
  await expectMended(edge);
});

/** The steps of a repair at which a run is killed, in the order in which they come. */
const killedAt = (major: number, { slot }: Edge): readonly string[] => [
  `${skips(major) ? 'wait-for-slot' : 'advance-slot'} publisher/slot.${slot}`,
  'set-publications subscriber/subscription.items',
];

test.concurrent.each(tested)('%i: killed on the way, the same command finishes', async (major) => {
  const edge = await createApplied(major);
  await renameByHand(edge, major);
  for (const step of killedAt(major, edge)) {
    const run = edge.project.start('apply', '--auto-approve', '--json');
    await run.until(startOf(step));
    run.kill('SIGKILL');
    await run.result;
  }
  const { code, stderr } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stderr).toBe(0);
  await expectMended(edge);
});

test.concurrent('the former name that steep does not know is taken from the file', async () => {
  const [major = newestMajor] = tested;
  const edge = await createApplied(major);
  const { project, publisher, subscriber } = edge;
  await renameByHand(edge, major);
  for (const database of [publisher, subscriber]) {
    await database.query(
      `DELETE FROM steep_repl.objects WHERE kind IN ('publication', 'subscription')`,
    );
  }
  const blocked = await project.steep('apply', '--auto-approve');
  expect(blocked.code).toBe(3);
  expect(blocked.stdout).toContain(
    '{ from: publisher/publication.FORMER_NAME, to: publisher/publication.goods }',
  );
  expect(blocked.stdout).toContain('--reinit subscriber/subscription.items');

  const renamed = [{ from: 'publisher/publication.items', to: 'publisher/publication.goods' }];
  await project.describe({ ...fileOf(edge, 'goods'), renamed });
  const { code, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stderr).toBe(0);
  await expectMended(edge);
});

test.concurrent.each(lastThatFails)(
  '%i: dropped, and created again after a change: the tables are copied again',
  async (major) => {
    const edge = await createApplied(major);
    const { project, publisher, subscriber } = edge;
    await fallBehind(
      edge,
      major,
      `DROP PUBLICATION items; INSERT INTO items VALUES (204, 'between'); CREATE PUBLICATION items FOR TABLE items`,
      'items',
    );
    await subscriber.query('ALTER SUBSCRIPTION items ENABLE');
    await waitFor('what is left of the first publication', () =>
      subscriber.query('SELECT FROM items WHERE id = 201').then((rows) => rows.length === 1),
    );
    const plan = await project.steep('plan');
    expect(plan.stdout).toContain('BLOCK    PUBLICATION_TOO_NEW');
    const refused = await project.steep('apply', '--auto-approve');
    expect(refused.code, refused.stdout).toBe(8);
    expect(refused.stdout + refused.stderr).toContain('publication items did not exist yet');

    const address = 'subscriber/subscription.items';
    const allowed = ['SUBSCRIPTION_REPLACE', 'TARGET_TRUNCATE']
      .map((hazard) => `${hazard}=${address}`)
      .concat(`SLOT_DROP=publisher/slot.${edge.slot}`)
      .flatMap((hazard) => ['--allow-hazard', hazard]);
    const { code, stderr } = await project.steep(
      'apply',
      '--auto-approve',
      '--reinit',
      address,
      ...allowed,
    );
    expect(code, stderr).toBe(0);
    await waitForSameRows(publisher, subscriber, [items]);
    expect((await publisher.query('SELECT FROM items')).length).toBe(104);
  },
);
