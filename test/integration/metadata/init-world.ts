// One database for all tests of a file: steep_repl is in it, and node `n` is registered again for each test.

import { afterAll, beforeAll, beforeEach } from 'vitest';
import { readInits } from '../../../src/catalog/copies/read-inits.ts';
import type { InitState } from '../../../src/model/copy/init-state.ts';
import type { RunEventBody } from '../../../src/model/event.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { installMetadata } from '../catalog/metadata.ts';

export const events: RunEventBody[] = [];
export const init = {
  node: 'n',
  subscription: 's',
  runId: 'run-1',
  emit: (event: RunEventBody) => void events.push(event),
};
export const start = { ...init, source: 'p', method: 'parallel', slot: 'slot_s' } as const;

// One database for all tests: node `n` is registered in it.
export let database: TestDatabase;
export let session: Session;
const sessions: Session[] = [];

export const open = async (): Promise<Session> => {
  const opened = await openSession(database.conninfo, { node: 'n', applicationName: 'steep' });
  sessions.push(opened);
  return opened;
};

beforeAll(async () => {
  database = await cluster.database(newestMajor);
  await installMetadata(database);
  session = await open();
});
afterAll(async () => {
  await Promise.all(sessions.splice(0).map((opened) => opened.close()));
});

/** The audit log is append-only: what came before a test is not its business. */
let auditedBefore = 0;

const lastAudited = async (): Promise<number> => {
  const [row] = await database.query<{ readonly id: number }>(
    'SELECT COALESCE(max(id), 0)::int AS id FROM steep_repl.audit_log',
  );
  return row?.id ?? 0;
};

beforeEach(async () => {
  events.length = 0;
  await database.query(
    `TRUNCATE steep_repl.subscriptions_init, steep_repl.init_progress, steep_repl.nodes`,
  );
  await database.query(`SELECT steep_repl.register_node('n', 'n')`);
  auditedBefore = await lastAudited();
});

export const audited = async (): Promise<readonly string[]> =>
  (
    await database.query<{ readonly line: string }>(
      `SELECT concat_ws(' ', subject, COALESCE(from_state, '-'), to_state, detail ->> 'error') AS line
         FROM steep_repl.audit_log WHERE id > $1 ORDER BY id`,
      [auditedBefore],
    )
  ).map(({ line }) => line);

/** As if the copy had got there, without a trace. */
export const put = async (state: InitState, subscription = 's'): Promise<void> => {
  await database.query(
    `INSERT INTO steep_repl.subscriptions_init (node_id, subscription, source_node, method, state, run_id)
     VALUES ('n', $1, 'p', 'native', $2, 'run-0')
     ON CONFLICT (node_id, subscription) DO UPDATE SET state = EXCLUDED.state`,
    [subscription, state],
  );
};

export const stateOf = async (): Promise<InitState | undefined> =>
  (await readInits(session, 'n')).find(({ subscription }) => subscription === 's')?.state;

export const node = async () => {
  const [row] = await database.query(
    `SELECT init_state, init_source_node, init_started_at IS NOT NULL AS started,
            init_completed_at IS NOT NULL AS completed
       FROM steep_repl.nodes WHERE node_id = 'n'`,
  );
  return row;
};
