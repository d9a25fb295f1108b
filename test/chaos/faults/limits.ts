// Faults of settings and limits: those of roles that end sessions and statements, a database that lets nobody in, and a
// server that keeps next to no WAL for slots.

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type TestDatabase, urlOf } from '../../support/servers/test-database.ts';
import { steepLinks } from '../moment.ts';
import type { ChaosServer } from '../servers.ts';
import type { World } from '../world.ts';
import { onlyIn, type RunFault } from './fault.ts';

type Side = 'source' | 'target';

const sides: readonly Side[] = ['source', 'target'];

/** Of every version. */
const timeouts = [
  'statement_timeout = 60',
  'lock_timeout = 20',
  'idle_in_transaction_session_timeout = 80',
  'default_transaction_read_only = on',
  'default_transaction_deferrable = on',
  `work_mem = '64kB'`,
  'synchronous_commit = off',
];

const endSessions = (server: ChaosServer, names: readonly string[]): Promise<unknown> =>
  server.maintenance.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
       AND datname IN (${names.map((name) => `'${name}'`).join(', ')}) AND application_name LIKE 'steep %'`,
  );

const databasesOn = (server: ChaosServer, { source, targets }: World): readonly string[] =>
  [source, ...targets]
    .filter((node) => node.server === server)
    .map(({ database }) => database.name);

/** As an administrator who wants to keep users out for a moment. */
const closed = (side: Side): RunFault => ({
  kind: `closed-database-${side}`,
  strike: async ({ description }, { world, random, later }) => {
    const server = world.servers[side];
    const names = databasesOn(server, world);
    const ms = random.integer(200, 2500);
    const allow = async (how: boolean): Promise<void> => {
      for (const name of names)
        await server.maintenance.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${how}`);
    };
    await allow(false);
    await endSessions(server, names);
    later(sleep(ms).then(() => allow(true)));
    return `databases of the ${side} closed for ${ms} ms ${description}`;
  },
});

/** Of all places for sessions, those of superusers included; limits of roles and databases do not count for superusers. */
const takeAllConnections = async ({ conninfo }: TestDatabase): Promise<readonly Client[]> => {
  const clients: Client[] = [];
  for (let refused = false; !refused; ) {
    const client = new Client({
      connectionString: urlOf(conninfo),
      application_name: 'crowd',
    });
    client.on('error', () => undefined);
    refused = await client.connect().then(
      () => false,
      () => true,
    );
    if (!refused) clients.push(client);
  }
  return clients;
};

/** As an application whose pool has no limit. */
const crowded = (side: Side): RunFault => ({
  kind: `full-connections-${side}`,
  strike: async ({ description }, { world, random, later }) => {
    const ms = random.integer(500, 4000);
    const clients = await takeAllConnections(world.servers[side].maintenance);
    if (clients.length === 0) return null;
    const leave = async (): Promise<void> => {
      await sleep(ms);
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    };
    later(leave());
    return `${clients.length} sessions, as many as the ${side} takes, for ${ms} ms ${description}`;
  },
});

export const limitFaults: readonly RunFault[] = [
  ...sides.map(closed),
  ...sides.map(crowded),
  {
    kind: 'timeouts',
    strike: async ({ description }, { world, random, later }) => {
      const server = world.servers[random.pick(sides)];
      const setting = random.pick(timeouts);
      await server.maintenance.query(
        `ALTER ROLE postgres IN DATABASE ${databasesOn(server, world)[0]} SET ${setting}`,
      );
      const [victim] = steepLinks(world.servers).filter(({ node }) => node === server.node);
      if (victim !== undefined)
        later(server.maintenance.query(`SELECT pg_terminate_backend(${victim.pid})`));
      return `${setting} on the ${server.node} ${description}`;
    },
    between: async ({ world }) => {
      for (const node of [world.source, ...world.targets])
        await node.server.maintenance.query(
          `ALTER ROLE postgres IN DATABASE ${node.database.name} RESET ALL`,
        );
      return 'reset';
    },
  },
  {
    kind: 'slot-limit',
    late: true,
    fits: (scene, act) => scene.shape !== 'pair' && onlyIn('copy', 'force', 'full')(scene, act),
    strike: async ({ description }, { world }) => {
      const { maintenance } = world.servers.source;
      const setLimit = (value: string): Promise<unknown> =>
        maintenance
          .query(`ALTER SYSTEM SET max_slot_wal_keep_size = '${value}'`)
          .then(() => maintenance.query('SELECT pg_reload_conf()'));
      await setLimit('1MB');
      await sleep(100);
      for (let turn = 0; turn < 3; turn += 1) await maintenance.query('SELECT pg_switch_wal()');
      await maintenance.query('CHECKPOINT');
      await setLimit('-1');
      const lost = await maintenance.query(
        `SELECT FROM pg_replication_slots WHERE wal_status = 'lost'`,
      );
      return lost.length === 0 ? null : `${lost.length} slots lost ${description}`;
    },
  },
];
