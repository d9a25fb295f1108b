// The two servers of a pair of majors, each behind a proxy: what steep and subscriptions go through. The harness itself
// and the application connect directly.

import { setTimeout as sleep } from 'node:timers/promises';
import { Conninfo } from '../../src/model/connection/conninfo.ts';
import { askKeeper } from '../support/servers/keeper-protocol.ts';
import {
  createTestDatabase,
  type TestDatabase,
  testDatabase,
} from '../support/servers/test-database.ts';
import { waitFor } from '../support/servers/wait.ts';
import type { Passing } from '../support/statement-proxy/link.ts';
import { type StatementProxy, startProxy } from '../support/statement-proxy/start-proxy.ts';
import { type FillableDisk, mountDiskOf, mountWalOf } from './disk.ts';

export interface ChaosServer {
  readonly node: 'source' | 'target';
  readonly major: number;
  readonly proxy: StatementProxy;
  /** Of the database postgres, for what belongs to the whole server. */
  readonly maintenance: TestDatabase;
  /** Of its databases; null: it cannot be made full. */
  readonly disk: FillableDisk | null;
  /** Of its WAL; null: it cannot be made full. */
  readonly walDisk: FillableDisk | null;
  createDatabase(): Promise<TestDatabase>;
  /** The same database as steep reaches it. */
  proxied(database: TestDatabase): Conninfo;
  /** An immediate stop: recovery follows at the start. */
  crash(): Promise<void>;
  start(): Promise<void>;
  log(): Promise<string>;
  /** Stops it for good. */
  readonly end: () => Promise<void>;
}

export interface ChaosServers {
  readonly source: ChaosServer;
  readonly target: ChaosServer;
  /** Asked at every statement that goes through a proxy; one at a time. */
  watch(listener: ((passing: Passing) => Promise<void>) | null): void;
  /** Everything as it was made: servers run, proxies pass, settings are reset. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

const settings = {
  max_connections: '120',
  max_prepared_transactions: '20',
  max_wal_size: '96MB',
  log_min_messages: 'warning',
  log_line_prefix: '%m <%p|%d|%a> ',
  wal_retrieve_retry_interval: '300ms',
};

/** Starts both, through a keeper that listens at `keeper`; `withDisk`: the target has one that can be filled. */
export const startServers = async (
  keeper: string,
  [from, to]: readonly [number, number],
  withDisk = false,
): Promise<ChaosServers> => {
  let listener: ((passing: Passing) => Promise<void>) | null = null;
  const onPassing = async (passing: Passing): Promise<void> => listener?.(passing);
  const start = async (node: ChaosServer['node'], major: number): Promise<ChaosServer> => {
    const { info } = await askKeeper(keeper, { do: 'private', major, settings });
    if (info === undefined) throw new Error('The keeper of test servers started nothing.');
    const { id, port, password } = info;
    const superuser = new Conninfo({
      host: '127.0.0.1',
      port: String(port),
      dbname: 'postgres',
      user: 'postgres',
      password,
    });
    const proxy = await startProxy({ node, port, onPassing });
    const maintenance = testDatabase(superuser, 'postgres');
    const disk = withDisk && node === 'target' ? await mountDiskOf(maintenance) : null;
    const stopped = async (work: () => Promise<void>): Promise<void> => {
      await askKeeper(keeper, { do: 'stop', id });
      await work();
      await askKeeper(keeper, { do: 'start', id });
    };
    const walDisk = withDisk ? await mountWalOf(maintenance, stopped) : null;
    return {
      node,
      major,
      proxy,
      maintenance,
      disk,
      walDisk,
      createDatabase: () => createTestDatabase(superuser, major, disk?.tablespace),
      proxied: ({ conninfo }) => conninfo.with({ port: String(proxy.port) }),
      crash: async () => {
        await askKeeper(keeper, { do: 'kill', id });
      },
      start: async () => {
        await askKeeper(keeper, { do: 'start', id });
      },
      end: async () => {
        await askKeeper(keeper, { do: 'end', id });
        await disk?.unmount();
        await walDisk?.unmount();
      },
      log: async () => (await askKeeper(keeper, { do: 'log', id })).log ?? '',
    };
  };
  const [source, target] = await Promise.all([start('source', from), start('target', to)]);
  const both = [source, target];
  return {
    source,
    target,
    watch: (next) => {
      listener = next;
    },
    heal: async () => {
      listener = null;
      for (const server of both) {
        server.proxy.heal();
        await server.disk?.free();
        await server.walDisk?.free();
        await server.start();
        await answering(server);
        await server.maintenance.query('ALTER ROLE postgres RESET ALL');
      }
    },
    close: async () => {
      for (const { proxy, maintenance, end } of both) {
        await maintenance.close();
        await proxy.close();
        await end();
      }
    },
  };
};

/** Crash recovery of 18 has been seen to wait without an end, where the same server, stopped and started, recovers at once. */
const recoveryMs = 40_000;

/** Until a server takes connections, which is started as often as it ends again. @throws Error with what it says instead. */
export const answering = async (server: ChaosServer): Promise<void> => {
  let refused: unknown = null;
  let unstarted: unknown = null;
  let since = Date.now();
  const answers = waitFor('the server to answer', () =>
    server.maintenance.query('SELECT 1').then(
      () => true,
      async (error: unknown) => {
        refused = error;
        if (Date.now() - since > recoveryMs) {
          since = Date.now();
          await server.crash().catch(() => undefined);
        }
        await server.start().catch((cause: unknown) => {
          unstarted = cause;
        });
        await sleep(100);
        return false;
      },
    ),
  );
  await answers.catch(async (error: unknown) => {
    const log = (await server.log()).split('\n').slice(-60).join('\n');
    throw new Error(
      `${String(error)} The ${server.node}: ${String(refused)}; its start: ${String(unstarted)}\n${log}`,
    );
  });
};
