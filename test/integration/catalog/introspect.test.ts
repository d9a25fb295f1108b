// What introspection makes of metadata, slots and subscriptions. Tables, publications: see their tests.

import { expect, test } from 'vitest';
import { connectionHash } from '../../../src/catalog/objects/connection-hash.ts';
import { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { metadataVersion } from '../../../src/model/state/metadata-version.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { installMetadata, remember } from './metadata.ts';
import { introspect, ofKind, run } from './node-under-test.ts';

test('metadata: version, node, ownership, what is missing', async () => {
  const database = await cluster.database(newestMajor);
  await installMetadata(database);
  await database.query("SELECT steep_repl.register_node('n', 'n', p_priority => 70)");
  await database.query('CREATE PUBLICATION owned');
  await database.query('CREATE PUBLICATION foreign_one');
  await remember(database, 'n/publication.owned', {}, true);
  await remember(database, 'n/publication.gone', {});
  await remember(database, 'other/publication.gone', {});
  const state = await introspect(database.conninfo);
  expect(state.server.metadataVersion).toBe(metadataVersion);
  expect(state.missing).toEqual(['n/publication.gone']);
  expect(state.tables).toEqual([]);
  expect(
    state.resources.map(({ address, owned, protect }) => ({ address, owned, protect })),
  ).toEqual([
    { address: 'n/metadata.steep_repl', owned: true, protect: false },
    { address: 'n/node.n', owned: true, protect: false },
    { address: 'n/publication.foreign_one', owned: false, protect: false },
    { address: 'n/publication.owned', owned: true, protect: true },
  ]);
  expect(ofKind(state, 'node')[0]?.spec).toEqual({ priority: 70 });
});

test('metadata in another database of the cluster', async () => {
  const database = await cluster.database(newestMajor);
  const apart = await cluster.database(newestMajor);
  await installMetadata(apart);
  await database.query('CREATE PUBLICATION p FOR ALL TABLES');
  await remember(apart, 'n/publication.p', {});
  const state = await introspect(database.conninfo, { metadata: apart.conninfo });
  expect(state.server).toMatchObject({ metadataDatabase: apart.name, publishesMetadata: [] });
  expect(ofKind(state, 'publication')).toMatchObject([{ name: 'p', owned: true }]);
});

test('slots: ours, another plugin’s, another database’s, a left-over of table sync', async () => {
  const [database, other] = [
    await cluster.database(newestMajor),
    await cluster.database(newestMajor),
  ];
  const orphan = `pg_${database.name.replaceAll(/\D/g, '')}1_sync_16384_7710600573698638134`;
  const create = (name: string, plugin = 'pgoutput') =>
    `SELECT pg_create_logical_replication_slot('${name}', '${plugin}')`;
  await run(database, create(`${database.name}_a`), create(orphan));
  await run(other, create(`${other.name}_b`));
  const state = await introspect(database.conninfo);
  expect(ofKind(state, 'slot')).toMatchObject([
    {
      name: `${database.name}_a`,
      owned: false,
      spec: { plugin: 'pgoutput', database: database.name },
      observed: {
        active: false,
        walStatus: 'reserved',
        failover: false,
        twoPhase: false,
        confirmedFlushLsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
        lagBytes: expect.any(Number),
        retainedBytes: expect.any(Number),
      },
    },
  ]);
  // Other tests may leave some on the same server.
  expect(state.orphanSlots).toContain(orphan);
});

test('a subscription whose connection cannot be read is compared by its hash', async () => {
  const database = await cluster.database(newestMajor);
  const conninfo = new Conninfo({ host: '127.0.0.1', port: '1', dbname: 'x', password: 'hunter2' });
  await run(
    database,
    `CREATE SUBSCRIPTION s CONNECTION '${conninfo.text}' PUBLICATION b, a WITH (connect = false, slot_name = NONE)`,
  );
  await installMetadata(database);
  await remember(database, 'n/subscription.s', {
    connection: connectionHash(conninfo),
  });
  const role = `role_${database.name}`;
  await run(
    database,
    `CREATE ROLE ${role} LOGIN PASSWORD 'pw'`,
    `GRANT USAGE ON SCHEMA steep_repl TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO ${role}`,
  );
  const asRole = database.conninfo.with({ user: role, password: 'pw' });
  const expected = { s: { source: 'primary', conninfo } };
  const [hidden] = ofKind(await introspect(asRole, { expected }), 'subscription');
  expect(hidden).toMatchObject({
    owned: true,
    spec: {
      source: 'primary',
      publications: ['a', 'b'],
      slot: null,
      enabled: false,
      connection: 'current',
    },
    observed: {
      workerRunning: false,
      twoPhaseState: 'disabled',
      secretInCatalog: null,
      applyErrors: 0,
    },
  });
  const state = await introspect(database.conninfo, {
    expected: { s: { source: 'primary', conninfo: conninfo.with({ port: '2' }) } },
  });
  expect(ofKind(state, 'subscription')).toMatchObject([
    { spec: { source: null, connection: 'stale' }, observed: { secretInCatalog: true } },
  ]);
  expect(JSON.stringify(state)).not.toContain('hunter2');
  await run(database, `DROP OWNED BY ${role}`, `DROP ROLE ${role}`);
});
