// Edges that are well, not made yet, switched off, or that fail or wait with a change.

import { holdTransaction } from '../../servers/transaction.ts';
import { waitFor } from '../../servers/wait.ts';
import {
  disable,
  insert,
  type Stage,
  untilCounted,
  untilDown,
  untilRunning,
  withSubscription,
} from './stage.ts';

export const applyStages: readonly Stage[] = [
  { what: 'healthy', code: null, health: 'ok', make: untilRunning },
  {
    what: 'never applied',
    code: 'SUBSCRIPTION_MISSING',
    health: 'broken',
    applied: false,
    noDrift: true,
    noDoctor: true,
    make: () => Promise.resolve(),
  },
  {
    what: 'prepared and not completed',
    code: 'INIT_PREPARED',
    health: 'copying',
    applied: false,
    noDrift: true,
    topology: withSubscription({ init: { method: 'manual' } }),
    sql: { publisher: 'INIT_PREPARED' },
    make: async ({ project }) => {
      const commands = [
        ['apply', '--auto-approve'],
        ['init', 'prepare', 'subscriber', '--from', 'publisher', '--no-hold'],
      ];
      for (const command of commands) {
        const { code, stdout, stderr } = await project.steep(...command);
        if (code !== 0) throw new Error(stdout + stderr);
      }
    },
  },
  {
    what: 'disabled by hand',
    code: 'SUBSCRIPTION_DISABLED',
    health: 'broken',
    noDrift: true,
    sql: { subscriber: 'SUBSCRIPTION_DISABLED' },
    make: disable,
  },
  {
    what: 'told to skip a transaction',
    since: 15,
    code: 'SKIP_PENDING',
    health: 'broken',
    sql: { subscriber: 'SKIP_PENDING' },
    make: ({ subscriber }) => subscriber.query(`ALTER SUBSCRIPTION items SKIP (lsn = '7/1')`),
  },
  {
    what: 'a worker that fails every five seconds',
    code: 'APPLY_FAILING',
    uncounted: 'WORKER_DOWN',
    health: 'broken',
    make: async (edge) => {
      await edge.subscriber.query('ALTER TABLE items DROP COLUMN note');
      await insert(edge);
      await untilDown(edge);
      await untilCounted(edge);
    },
  },
  {
    what: 'a unique violation',
    code: 'APPLY_FAILING',
    uncounted: 'WORKER_DOWN',
    health: 'broken',
    make: async (edge) => {
      await edge.subscriber.query(`INSERT INTO items VALUES (5000, 'mine')`);
      await insert(edge);
      await untilDown(edge);
      await untilCounted(edge);
    },
  },
  {
    what: 'disabled by an error',
    code: 'DISABLED_BY_ERROR',
    health: 'broken',
    since: 15,
    topology: withSubscription({ options: { disable_on_error: true } }),
    sql: { subscriber: 'DISABLED_BY_ERROR' },
    make: async (edge) => {
      await edge.subscriber.query(`INSERT INTO items VALUES (5000, 'mine')`);
      await insert(edge);
      await waitFor('the subscription to disable itself', async () => {
        const [row] = await edge.subscriber.query<{ readonly enabled: boolean }>(
          `SELECT subenabled AS enabled FROM pg_subscription JOIN pg_database AS d ON d.oid = subdbid
            WHERE subname = 'items' AND datname = current_database()`,
        );
        return row?.enabled === false;
      });
      await untilCounted(edge);
    },
  },
  {
    what: 'a lock is held on the target',
    code: 'APPLY_WAITS_FOR_LOCK',
    health: 'lagging',
    sql: { subscriber: 'APPLY_WAITS_FOR_LOCK' },
    make: async (edge) => {
      await holdTransaction(edge.subscriber, 'LOCK TABLE items');
      await insert(edge);
    },
  },
  {
    what: 'updates of missing rows are skipped',
    code: 'CHANGES_SKIPPED',
    health: 'broken',
    since: 18,
    sql: { subscriber: 'CHANGES_SKIPPED' },
    make: async (edge) => {
      await edge.subscriber.query('DELETE FROM items WHERE id = 7');
      await edge.publisher.query(`UPDATE items SET note = 'new' WHERE id = 7`);
      const isSkipped = async () => {
        const [row] = await edge.subscriber.query<{ readonly skipped: string }>(
          `SELECT confl_update_missing AS skipped FROM pg_stat_subscription_stats
           WHERE subid IN (SELECT s.oid FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE datname = current_database())`,
        );
        return Number(row?.skipped) > 0;
      };
      // A worker may keep its counts to itself for up to a minute.
      await waitFor('the update to be skipped', isSkipped, { timeoutMs: 90_000 });
    },
  },
  {
    what: 'steep verify has found rows that differ',
    code: 'ROWS_DIFFER',
    health: 'broken',
    sql: { subscriber: 'ROWS_DIFFER' },
    make: async ({ project, subscriber }) => {
      await subscriber.query('DELETE FROM items WHERE id = 7');
      await project.steep('verify');
    },
  },
  {
    what: 'healthy, and lagging',
    code: 'LAG_ABOVE_POLICY',
    health: 'lagging',
    topology: (edge) => ({ ...edge.topology, policy: { max_lag: '1kB' } }),
    make: async (edge) => {
      await edge.subscriber.query(`
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
        CREATE TRIGGER slow AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION slow();
        ALTER TABLE items ENABLE ALWAYS TRIGGER slow`);
      await edge.publisher.query(
        `INSERT INTO items SELECT n, repeat('x', 100) FROM generate_series(1000, 2000) AS n`,
      );
    },
  },
];
