// Real servers for tests: one of each major for the whole run, shared, with a fresh database for each test;
// and private ones, for tests that stop, kill or reconfigure theirs. Where they run: see providers/.

import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, inject } from 'vitest';
import { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { askKeeper, type KeeperQuestion, type ServerInfo } from './keeper-protocol.ts';
import { majors } from './majors.ts';
import { closeSuperusers, createTestDatabase, type TestDatabase, urlOf } from './test-database.ts';

export type { TestDatabase } from './test-database.ts';

export interface TestServer {
  readonly major: number;
  readonly port: number;
  /** As the superuser, to the database `postgres`. */
  readonly superuser: Conninfo;
  /** A fresh, empty database, dropped after the test file with its subscriptions and slots. */
  createDatabase(): Promise<TestDatabase>;
  logText(): Promise<string>;
}

/** Port, data and password stay the same over stop, kill and start. */
export interface PrivateServer extends TestServer {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops and starts: settings of ALTER SYSTEM take effect. */
  restart(): Promise<void>;
  /** Ends it at once, without a farewell; start() recovers it. */
  kill(): Promise<void>;
  /** Stops it, copies it, and starts both: the copy is a standby without a primary. */
  cloneAsStandby(): Promise<TestServer>;
  /** Backs it up while it runs (15+), and recovers the backup as a server of its own, promoted in its own time. */
  restoreBackup(settings?: Readonly<Record<string, string>>): Promise<TestServer>;
}

/** Whether servers can be copied: where they run in containers, their files cannot be reached. */
export const canClone = (process.env.STEEP_TEST_SERVERS ?? 'embedded') === 'embedded';

export const cluster = {
  /** The server of this major that all tests share, started by the first that asks. */
  server: async (major: number): Promise<TestServer> => {
    if (!majors.includes(major))
      throw new Error(`PostgreSQL ${major} is not in STEEP_TEST_MAJORS.`);
    return describeServer(await started({ do: 'shared', major }));
  },

  /** A server of the test file's own, gone after it. `settings` are lines of postgresql.conf. */
  privateServer: async (
    major: number,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<PrivateServer> => {
    const info = await started({ do: 'private', major, settings });
    privateServers.push(info.id);
    const tell = async (what: 'start' | 'stop' | 'kill'): Promise<void> => {
      await ask({ do: what, id: info.id });
    };
    return {
      ...describeServer(info),
      start: () => tell('start'),
      stop: () => tell('stop'),
      kill: () => tell('kill'),
      restart: async () => {
        await tell('stop');
        await tell('start');
      },
      cloneAsStandby: async () => {
        await tell('stop');
        const clone = await started({ do: 'clone', id: info.id });
        privateServers.push(clone.id);
        await tell('start');
        return describeServer(clone);
      },
      restoreBackup: async (own = {}) => {
        const copy = `${info.id}-backup-${randomBytes(4).toString('hex')}`;
        const label = await backedUp(info, () => ask({ do: 'copy', id: info.id, copy }));
        const restored = await started({ do: 'recover', id: info.id, copy, label, settings: own });
        privateServers.push(restored.id);
        return describeServer(restored);
      },
    };
  },

  /** A fresh database on the shared server of this major. */
  database: async (major: number): Promise<TestDatabase> =>
    (await cluster.server(major)).createDatabase(),
};

const databases: { readonly server: string; readonly database: TestDatabase }[] = [];
const privateServers: string[] = [];

afterAll(async () => {
  await Promise.all(privateServers.map((id) => ask({ do: 'end', id })));
  const left = databases
    .filter(({ server }) => !privateServers.includes(server))
    .map(({ database }) => database);
  // Subscriptions first: a live one would come back to the slot that is being dropped.
  await Promise.all(left.map((database) => database.dropSubscriptions()));
  await Promise.all(left.map((database) => database.drop()));
  await closeSuperusers();
});

function describeServer(info: ServerInfo): TestServer {
  const superuser = new Conninfo({
    host: '127.0.0.1',
    port: String(info.port),
    dbname: 'postgres',
    user: 'postgres',
    password: info.password,
  });
  return {
    major: info.major,
    port: info.port,
    superuser,
    createDatabase: async () => {
      const database = await createTestDatabase(superuser, info.major);
      databases.push({ server: info.id, database });
      return database;
    },
    logText: async () => (await ask({ do: 'log', id: info.id })).log ?? '',
  };
}

/** The server is told that its files are copied, by one session from the start to the end. */
async function backedUp(info: ServerInfo, copy: () => Promise<unknown>): Promise<string> {
  const client = new Client({ connectionString: urlOf(describeServer(info).superuser) });
  await client.connect();
  try {
    await client.query("SELECT pg_backup_start('test', true)");
    await copy();
    const stopped = await client.query<{ readonly labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(false)',
    );
    return stopped.rows[0]?.labelfile ?? '';
  } finally {
    await client.end();
  }
}

const ask = (question: KeeperQuestion): ReturnType<typeof askKeeper> =>
  askKeeper(inject('keeper'), question);

async function started(question: KeeperQuestion): Promise<ServerInfo> {
  const { info } = await ask(question);
  if (!info) throw new Error('The keeper of test servers started nothing.');
  return info;
}
