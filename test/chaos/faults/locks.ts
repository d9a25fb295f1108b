// Faults of transactions of others: locks that are held for a while, by a session or by a prepared transaction.

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { urlOf } from '../../support/servers/test-database.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { allTables } from '../scene.ts';
import { quoted } from '../tables.ts';
import type { Node, World } from '../world.ts';
import { commitsTable } from '../writer.ts';
import type { RunFault } from './fault.ts';

type Side = 'source' | 'target';

const nodeOf = ({ source, targets }: World, side: Side): Node => {
  const node = side === 'source' ? source : targets[0];
  if (node === undefined) throw new Error('a play without a target');
  return node;
};

/** In a session of its own. False: another fault has ended it, or it did not get its lock. */
const inSession = async (
  { database }: Node,
  work: (client: Client) => Promise<unknown>,
): Promise<boolean> => {
  const client = new Client({ connectionString: urlOf(database.conninfo) });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET lock_timeout = '3s'; SET search_path = public`);
    await work(client);
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

const exclusively = (table: string): string =>
  `LOCK TABLE ${quoted(table)} IN ACCESS EXCLUSIVE MODE`;

/** Another session holds a table: whoever wants it waits. */
const lockTable = (side: Side): RunFault => ({
  kind: `lock-table-${side}`,
  strike: async ({ description }, { world, random, later }) => {
    const table = random.pick(allTables(world.scene));
    const ms = random.integer(300, 4000);
    const work = inSession(nodeOf(world, side), async (client) => {
      await client.query(`BEGIN; ${exclusively(table)}`);
      await sleep(ms);
      await client.query('COMMIT');
    });
    later(work.then((done) => (done ? 'struck' : 'missed')));
    return Promise.resolve(`${table} of the ${side} locked for ${ms} ms ${description}`);
  },
});

/** A prepared transaction belongs to no session, and outlives its server: only who knows its name can end it. */
const prepared = (side: Side): RunFault => ({
  kind: `prepared-${side}`,
  strike: async ({ description }, { world, random, later }) => {
    const node = nodeOf(world, side);
    const ms = random.integer(300, 5000);
    const number = random.integer(1, 1_000_000_000);
    // Its row must arrive at the subscribers; on the target it holds a lock, and changes nothing.
    const [statement, end] =
      side === 'source'
        ? [`INSERT INTO ${commitsTable} VALUES (5, ${number})`, 'COMMIT']
        : [exclusively(random.pick(allTables(world.scene))), 'ROLLBACK'];
    const work = async (): Promise<'struck' | 'missed'> => {
      const name = `chaos_${number}`;
      await inSession(node, (client) =>
        client.query(`BEGIN; ${statement}; PREPARE TRANSACTION '${name}'`),
      );
      if (!(await isPrepared(node, name))) return 'missed';
      await sleep(ms);
      await waitFor('a prepared transaction to end', () =>
        inSession(node, (client) => client.query(`${end} PREPARED '${name}'`)),
      );
      return 'struck';
    };
    later(work());
    return Promise.resolve(
      `prepared transaction "${statement}" on the ${side} for ${ms} ms ${description}`,
    );
  },
});

/** Whatever its session was told; as soon as the server answers. */
const isPrepared = async (node: Node, name: string): Promise<boolean> => {
  let there = false;
  await waitFor('the server to answer', () =>
    inSession(node, async (client) => {
      const { rows } = await client.query(`SELECT FROM pg_prepared_xacts WHERE gid = '${name}'`);
      there = rows.length > 0;
    }),
  );
  return there;
};

export const lockFaults: readonly RunFault[] = [lockTable, prepared].flatMap((make) =>
  (['source', 'target'] as const).map(make),
);
