// Every catalog query runs on every major, as a superuser and as a plain role, and only reads.

import { describe, expect, test } from 'vitest';
import {
  readBlockers,
  readSlotLag,
  readSubscriptionProgress,
} from '../../../src/catalog/copies/read-progress.ts';
import { readSnapshotLogging } from '../../../src/catalog/copies/read-snapshot-logging.ts';
import { introspectNode } from '../../../src/catalog/introspect.ts';
import {
  readAnchors,
  readBackend,
  readDatabaseIdentity,
} from '../../../src/catalog/metadata/read-anchors.ts';
import { readLockHolder } from '../../../src/catalog/metadata/read-lock-holder.ts';
import { readWhichHaveRows } from '../../../src/catalog/objects/read-rows.ts';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import type { NodeState } from '../../../src/model/state/state.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { featuresOf } from '../../../src/postgres/versions.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';

interface Reading {
  readonly state: NodeState;
  readonly sent: readonly string[];
}

/** Calls every reader once. */
async function readEverything(conninfo: Conninfo): Promise<Reading> {
  const sent: string[] = [];
  const session = await openSession(conninfo, {
    node: 'n',
    applicationName: 'steep',
    readOnly: true,
    onStatement: (text) => sent.push(text.trim()),
  });
  try {
    const endpoints = [{ node: 'n', conninfo }];
    const state = await introspectNode({
      node: 'n',
      session,
      metadata: session,
      endpoints,
      expected: {},
    });
    await readWhichHaveRows(session, [{ schema: 'public', name: 't' }]);
    await readSubscriptionProgress(session, 's');
    await readSlotLag(session, 's');
    await readSnapshotLogging(session);
    await readBlockers(session, [session.pid]);
    await readLockHolder(session, 1n);
    await readAnchors(session, ['none']);
    await readDatabaseIdentity(session);
    await readBackend(session, { pid: session.pid, backendStart: '0' }, 'none');
    return { state, sent };
  } finally {
    await session.close();
  }
}

/** A database with one of everything, and a subscription that never connects. */
async function prepare(database: TestDatabase): Promise<void> {
  for (const statement of [
    'CREATE TABLE public.t (id serial PRIMARY KEY)',
    'CREATE PUBLICATION p FOR TABLE public.t',
    `SELECT pg_create_logical_replication_slot('${database.name}', 'pgoutput')`,
    `CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)`,
  ]) {
    await database.query(statement);
  }
}

describe.each(majors)('PostgreSQL %i', (major) => {
  test('a superuser reads all, with SELECT and locks of readers only', async () => {
    const database = await cluster.database(major);
    await prepare(database);
    const { state, sent } = await readEverything(database.conninfo);
    expect(state.resources.map(({ address }) => address)).toEqual([
      'n/identity.public.t',
      'n/publication.p',
      `n/slot.${database.name}`,
      'n/subscription.s',
    ]);
    const others = sent.filter((text) => !/^(SELECT|WITH) /.test(text));
    expect(others).toEqual([
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
      'COMMIT',
      'BEGIN READ ONLY',
      'LOCK TABLE ONLY public.t IN ACCESS SHARE MODE',
      'COMMIT',
    ]);
  });

  test('a plain role reads the same, save for what is hidden from it', async () => {
    const database = await cluster.database(major);
    await prepare(database);
    const role = `role_${database.name}`;
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`);
    const { state } = await readEverything(database.conninfo.with({ user: role, password: 'pw' }));
    expect(state.resources).toHaveLength(4);
    expect(state.tables).toMatchObject([{ ownedByRole: false }]);
    expect(state.server.role).toMatchObject({
      name: role,
      superuser: false,
      createSubscription: false,
    });
    const subscription = state.resources.find(({ kind }) => kind === 'subscription');
    expect(subscription).toMatchObject({
      spec: { connection: 'unknown', source: null },
      observed: { secretInCatalog: null },
    });
    await database.query(`DROP ROLE ${role}`);
  });

  test('the defaults of the subscription options are those of the server', async () => {
    const database = await cluster.database(major);
    await prepare(database);
    const { state } = await readEverything(database.conninfo);
    const live = state.resources.find(({ kind }) => kind === 'subscription');
    const { subscriptionOptions } = featuresOf(state.server.versionNumber);
    expect(live?.spec).toMatchObject({
      options: Object.fromEntries(
        subscriptionOptions.map((option) => [option.name, option.default]),
      ),
    });
  });
});
