// Options of a subscription that are properties of its slot too: failover from the moment in which the slot is there,
// two_phase from the first byte that is streamed. What is prepared during the copy arrives prepared.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, type Edge, edgeSteps, items } from '../../support/worlds/edge.ts';

const options = (major: number) => ({
  two_phase: true,
  ...(major >= 17 ? { failover: true } : {}),
});

/** Transactions that stay prepared delay the creation of every slot of a server: that one is not shared. */
async function createWorld(major: number): Promise<Edge> {
  const server = await cluster.privateServer(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  const { items: subscription } = edge.topology.subscriptions as { items: object };
  await edge.project.describe({
    ...edge.topology,
    subscriptions: { items: { ...subscription, options: options(major) } },
  });
  return edge;
}

const slotOf = async ({ publisher, slot }: Edge): Promise<unknown> => {
  const [found] = await publisher.query(
    `SELECT s.two_phase, coalesce((to_jsonb(s) ->> 'failover')::boolean, false) AS failover
       FROM pg_replication_slots AS s WHERE s.slot_name = '${slot}'`,
  );
  return found;
};

const preparedOn = (database: TestDatabase) =>
  database.query(`SELECT gid FROM pg_prepared_xacts WHERE database = '${database.name}'`);

test.each(endsByDay(majors.filter((major) => major >= 15)))(
  'PostgreSQL %i: a copy by steep begins with the options of the file, and misses nothing that is prepared',
  async (major) => {
    const edge = await createWorld(major);
    const { project, publisher, subscriber } = edge;
    const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
    const run = project.start('apply', '--auto-approve', '--json');
    await run.until(
      ({ event, step }) => event === 'run.lock_wait' && step === edgeSteps.copyTables,
    );
    const failover = major >= 17;
    expect(await slotOf(edge)).toMatchObject({ failover });
    await publisher.query(
      `BEGIN; INSERT INTO items VALUES (1001, 'prepared'); PREPARE TRANSACTION 'p_${edge.slot}'`,
    );
    onTestFinished(() =>
      publisher.query(`ROLLBACK PREPARED 'p_${edge.slot}'`).then(
        () => undefined,
        () => undefined,
      ),
    );
    await lock.commit();
    const { code, stdout } = await run.result;
    expect(code, stdout).toBe(0);
    expect(
      await subscriber.query(
        `SELECT s.subtwophasestate::text AS state, coalesce((to_jsonb(s) ->> 'subfailover')::boolean, false) AS failover
           FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE d.datname = current_database()`,
      ),
    ).toEqual([{ state: 'e', failover }]);
    expect(await slotOf(edge)).toEqual({ two_phase: true, failover });
    await waitFor(
      'the prepared transaction',
      async () => (await preparedOn(subscriber)).length > 0,
    );
    await publisher.query(`COMMIT PREPARED 'p_${edge.slot}'`);
    await waitFor('its commit', async () => (await preparedOn(subscriber)).length === 0);
    await waitForSameRows(publisher, subscriber, [items]);
    expect(await subscriber.query('SELECT note FROM items WHERE id = 1001')).toEqual([
      { note: 'prepared' },
    ]);
    expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  },
);
