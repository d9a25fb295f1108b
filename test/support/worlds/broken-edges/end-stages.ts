// Edges one end of which is down, was set back, lost its slot or its right, or does not move.

import { onTestFinished } from '../../servers/clean-up.ts';
import { cluster } from '../../servers/cluster.ts';
import { waitFor } from '../../servers/wait.ts';
import type { Edge } from '../edge.ts';
import type { Topology } from '../project.ts';
import {
  type BrokenEdge,
  disable,
  enable,
  insert,
  type Stage,
  untilDown,
  withSubscription,
} from './stage.ts';

const dropSlot = ({ publisher, slot }: Edge): Promise<boolean> =>
  waitFor('the slot to go', () =>
    publisher.query('SELECT pg_drop_replication_slot($1)', [slot]).then(
      () => true,
      () => false,
    ),
  );

const loseSlot = async (edge: Edge): Promise<void> => {
  await disable(edge);
  await waitFor('the slot to be lost', async () => {
    await edge.publisher.query('CREATE TABLE wal AS SELECT 1; DROP TABLE wal');
    await edge.publisher.query('SELECT pg_switch_wal()');
    await edge.publisher.query('CHECKPOINT');
    const [slot] = await edge.publisher.query<{ readonly wal_status: string }>(
      'SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1',
      [edge.slot],
    );
    return slot?.wal_status === 'lost';
  });
  await enable(edge);
};

const stopSender = async (edge: BrokenEdge): Promise<void> => {
  const [slot] = await edge.publisher.query<{ readonly active_pid: number }>(
    'SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1',
    [edge.slot],
  );
  const pid = slot?.active_pid;
  if (pid === undefined) throw new Error('Nobody reads the slot.');
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  await insert(edge);
};

/** To the publisher it is the same whether its WAL went back, or its subscriber ahead. */
const setBack = async (edge: Edge): Promise<void> => {
  const [ahead] = await edge.publisher.query<{ readonly lsn: string }>(
    `SELECT ('0/0'::pg_lsn + (pg_current_wal_lsn() - '0/0'::pg_lsn) + 1e12::numeric)::text AS lsn`,
  );
  await disable(edge);
  await edge.subscriber.query(
    `SELECT pg_replication_origin_advance('pg_' || s.oid, '${ahead?.lsn}') FROM pg_subscription AS s
       JOIN pg_database AS d ON d.oid = s.subdbid WHERE datname = current_database()`,
  );
  await enable(edge);
  await waitFor('the slot to be ahead', async () => {
    const [row] = await edge.publisher.query<{ readonly ahead: boolean }>(
      'SELECT confirmed_flush_lsn > pg_current_wal_lsn() AS ahead FROM pg_replication_slots WHERE slot_name = $1',
      [edge.slot],
    );
    return row?.ahead === true;
  });
};

const roleOf = ({ publisher }: Edge): string => `reader_${publisher.name}`;

/** The other server has a publication and a slot of the same names. */
const readElsewhere = async (edge: BrokenEdge): Promise<void> => {
  const other = await cluster.privateServer(edge.major, { wal_level: 'logical' });
  const copy = await other.createDatabase();
  await copy.query('CREATE TABLE items (id int PRIMARY KEY, note text)');
  await copy.query('CREATE PUBLICATION items FOR TABLE items');
  await copy.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [edge.slot]);
  await edge.subscriber.query(`ALTER SUBSCRIPTION items CONNECTION '${copy.conninfo.text}'`);
  await waitFor('the other slot to be read', async () => {
    const [row] = await copy.query<{ readonly active: boolean }>(
      'SELECT active FROM pg_replication_slots WHERE slot_name = $1',
      [edge.slot],
    );
    return row?.active === true;
  });
  onTestFinished(() => edge.subscriber.dropSubscriptions());
};

const loseRight = async (edge: Edge): Promise<void> => {
  await edge.publisher.query(`ALTER ROLE ${roleOf(edge)} NOREPLICATION`);
  await edge.publisher.query(
    'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1',
    [edge.slot],
  );
  await untilDown(edge);
};

/** The publisher is read by a role of its own. */
const withRole = (edge: Edge): Topology => {
  const { conninfo } = edge.publisher;
  return {
    ...edge.topology,
    nodes: {
      publisher: {
        replication_connection: {
          host: conninfo.get('host'),
          port: Number(conninfo.get('port')),
          dbname: edge.publisher.name,
          user: roleOf(edge),
          password: 'reads',
        },
      },
    },
  };
};

const makeRole = async (edge: Edge): Promise<void> => {
  await edge.publisher.query(`CREATE ROLE ${roleOf(edge)} LOGIN REPLICATION PASSWORD 'reads'`);
  await edge.publisher.query(`GRANT SELECT ON items TO ${roleOf(edge)}`);
  onTestFinished(async () => {
    await edge.publisher.query(`DROP OWNED BY ${roleOf(edge)}; DROP ROLE ${roleOf(edge)}`);
  });
};

export const endStages: readonly Stage[] = [
  {
    what: 'a slot that is lost',
    code: 'SLOT_LOST',
    health: 'broken',
    own: ['publisher', { max_slot_wal_keep_size: '1MB' }],
    // The apply that has seen it noted that changes are lost.
    sql: { publisher: 'SLOT_LOST', subscriber: 'INIT_DIVERGED' },
    make: loseSlot,
  },
  {
    what: 'a slot that is gone',
    code: 'SLOT_MISSING',
    health: 'broken',
    sql: { publisher: 'SLOT_MISSING', subscriber: 'INIT_DIVERGED' },
    make: async (edge) => {
      await disable(edge);
      await dropSlot(edge);
      await enable(edge);
    },
  },
  {
    what: 'the publisher is down',
    code: 'WORKER_DOWN',
    health: 'broken',
    own: ['publisher', {}],
    sql: { subscriber: 'WORKER_DOWN' },
    make: async (edge) => {
      await edge.own?.stop();
      onTestFinished(() => edge.own?.start());
      await untilDown(edge);
    },
  },
  {
    what: 'the subscriber is down',
    code: 'SUBSCRIBER_UNREAD',
    health: 'unknown',
    own: ['subscriber', {}],
    make: async ({ own }) => {
      await own?.stop();
      onTestFinished(() => own?.start());
    },
  },
  {
    what: 'the publisher was set back',
    code: 'PUBLISHER_SET_BACK',
    health: 'broken',
    sql: { publisher: 'PUBLISHER_SET_BACK', subscriber: 'INIT_DIVERGED' },
    make: setBack,
  },
  {
    what: 'the role of the connection lost a right',
    // As servers have it unless told: less often, a busy machine shows a worker that is about to fail at every look.
    own: ['subscriber', { wal_retrieve_retry_interval: '5s' }],
    code: 'WORKER_DOWN',
    health: 'broken',
    topology: withRole,
    prepare: makeRole,
    sql: { subscriber: 'WORKER_DOWN' },
    make: loseRight,
  },
  {
    what: 'another server is read',
    code: 'READS_ELSEWHERE',
    health: 'broken',
    make: readElsewhere,
  },
  {
    what: 'a stalled sender',
    local: true,
    // Others wait for every process of a server, such as whoever drops a database.
    own: ['publisher', {}],
    code: 'SENDER_STALLED',
    health: 'broken',
    make: stopSender,
  },
  {
    what: 'a sender that waits for a standby',
    code: 'SENDER_WAITS_FOR_STANDBY',
    health: 'broken',
    since: 17,
    own: ['publisher', {}],
    topology: withSubscription({ options: { failover: true } }),
    make: async (edge) => {
      await edge.publisher.query(`ALTER SYSTEM SET synchronized_standby_slots = 'no_standby'`);
      await edge.publisher.query('SELECT pg_reload_conf()');
      await waitFor('the setting', async () => {
        await insert(edge).catch(() => undefined);
        const [row] = await edge.publisher.query<{ readonly wait_event: string | null }>(
          `SELECT a.wait_event FROM pg_stat_activity AS a JOIN pg_replication_slots AS s ON s.active_pid = a.pid
            WHERE s.slot_name = $1`,
          [edge.slot],
        );
        return row?.wait_event === 'WaitForStandbyConfirmation';
      });
    },
  },
];
