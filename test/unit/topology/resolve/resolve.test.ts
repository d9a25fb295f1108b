// A whole file → the desired state, with every default filled and everything in order.

import { expect, test } from 'vitest';
import { loadTopology, validateTopology } from '../../../../src/topology/load.ts';
import { environment, twoPublications } from '../marked-file.ts';

const text = `version: 1
defaults:
  options: { streaming: on, binary: false, disable_on_error: on }
nodes:
  reporting:
    connection: { host: 10.0.1.9, dbname: app, passfile: /pgpass }
  primary:
    connection: \${PRIMARY_URL}
    replication_connection: { host: 10.0.0.4, user: replicator, password_env: PASSWORD }
    priority: 90
    metadata_database: steep
publications:
  sales:
    node: primary
    tables:
      - public.orders
      - Sales.*
      - name: public.customers
        columns: [total, '"Id"', id]
        where: " total > \${MIN} "
        replica_identity: { index: Customers_Key }
      - name: events
        replica_identity: full
      - "*"
    publish: [truncate, insert]
    publish_via_partition_root: true
    publish_generated_columns: stored
    protect: true
  all: { node: primary, tables: "*" }
  feed: { node: reporting, schemas: [Zoo, billing], tables: [t] }
subscriptions:
  sales_reporting:
    node: reporting
    source: primary
    publications: [sales, all]
    slot: sales_slot
    enabled: false
    init: { method: none }
    options: { streaming: parallel, origin: none, binary: "on", synchronous_commit: false }
    protect: true
  back: { node: primary, source: reporting, publications: [feed], options: { origin: none } }
policy: { copy_confirm_above: 2GB, copy_rate: 100MB, max_lag: 1024, allow_hazards: [SLOT_DROP, IDENTITY_FULL_COST] }`;

const load = (yaml: string, fileName = '/srv/deploy/steep.yaml') =>
  loadTopology({ text: yaml, fileName, environment });

test('policy.allow_hazards: codes, addresses, and until a day', () => {
  const text = `version: 1
nodes: { a: { connection: host=a } }
policy:
  allow_hazards: [IDENTITY_FULL_COST, SLOT_DROP=a/slot.x, { hazard: SLOT_DROP=a/slot.y, until: 2027-01-31 }]
`;
  const on = (today: string) =>
    loadTopology({ text, fileName: 'steep.yaml', environment: {}, today }).topology?.desired.policy
      .allowHazards;
  expect(on('2027-01-31')).toEqual([
    'IDENTITY_FULL_COST',
    'SLOT_DROP=a/slot.x',
    'SLOT_DROP=a/slot.y',
  ]);
  expect(on('2027-02-01')).toEqual(['IDENTITY_FULL_COST', 'SLOT_DROP=a/slot.x']);
});

test('everything that a file can say', () => {
  const { topology, diagnostics } = load(text);
  expect(diagnostics).toEqual([]);
  expect(topology?.desired).toMatchSnapshot();
});

test('the order of the file does not matter', () => {
  const { topology } = load(text);
  const turned = text
    .replace('[sales, all]', '[all, sales]')
    .replace('[truncate, insert]', '[insert, truncate]')
    .replace(`[total, '"Id"', id]`, `['"Id"', id, total]`)
    .replace('[Zoo, billing]', '[billing, ZOO]')
    .replace('binary: "on", synchronous_commit: false', 'synchronous_commit: off, binary: true');
  expect(turned).not.toBe(text);
  expect(load(turned).topology?.desired).toEqual(topology?.desired);
});

test('the least that a subscription can say', () => {
  const { topology } = load(
    `${twoPublications}subscriptions:\n  s: { node: eu, source: us, publications: [from_us] }\n`,
  );
  expect(topology?.desired.subscriptions).toEqual([
    {
      node: 'eu',
      name: 's',
      source: 'us',
      publications: ['from_us'],
      slot: 's',
      slotByDefault: true,
      enabled: true,
      options: {},
      init: 'parallel',
      copyWorkers: 4,
      schemaSync: 'strict',
      protect: false,
      secretInConnection: false,
      connection: 'dbname=app host=us.example user=steep',
      origin: 'steep.yaml:9',
      pair: null,
    },
  ]);
  expect(topology?.desired.publications[0]).toEqual({
    node: 'eu',
    name: 'from_eu',
    tables: [
      {
        kind: 'table',
        table: { schema: 'public', name: 'orders' },
        columns: null,
        where: null,
        identity: null,
      },
    ],
    schemas: [],
    publish: ['insert', 'update', 'delete', 'truncate'],
    viaPartitionRoot: false,
    generatedColumns: 'none',
    protect: false,
    source: 'steep.yaml:7',
  });
  expect(topology?.desired.policy).toEqual({
    copyConfirmAbove: 100 * 1024 ** 3,
    copyRate: null,
    maxLag: 16 * 1024 ** 2,
    allowHazards: [],
  });
});

test.each([
  ['streaming', 'true', 'on'],
  ['streaming', 'on', 'on'],
  ['streaming', 'false', 'off'],
  ['streaming', 'off', 'off'],
  ['streaming', 'parallel', 'parallel'],
  ['binary', 'on', 'true'],
  ['failover', 'off', 'false'],
  ['two_phase', '"true"', 'true'],
  ['synchronous_commit', 'true', 'on'],
  ['synchronous_commit', 'remote_apply', 'remote_apply'],
  ['origin', 'any', 'any'],
])('option %s: %s is %s', (name, value, expected) => {
  const { topology } = load(
    `${twoPublications}subscriptions:\n  s: { node: eu, source: us, publications: [from_us], options: { ${name}: ${value} } }\n`,
  );
  expect(topology?.desired.subscriptions[0]?.options).toEqual({ [name]: expected });
});

test('a name that every object has is a name like another', () => {
  const { topology, diagnostics } = load(
    `version: 1\nnodes: { __proto__: { connection: dbname=a }, constructor: { connection: dbname=b } }\n`,
  );
  expect(diagnostics.map(({ code }) => code)).toEqual(['INVALID_NAME']);
  expect(topology).toBeNull();
});

test('validate works without the environment', () => {
  const input = { text, fileName: 'steep.yaml', environment: {} };
  const { desired, diagnostics } = validateTopology(input);
  expect(diagnostics.map(({ severity, code, source }) => [severity, code, source?.line])).toEqual([
    ['notice', 'MISSING_VARIABLE', 8],
    ['notice', 'MISSING_VARIABLE', 9],
  ]);
  expect(desired?.nodes.map(({ connectionRef }) => connectionRef)).toEqual([
    'env:PRIMARY_URL',
    'steep.yaml',
  ]);
  expect(loadTopology(input).topology).toBeNull();
});

test('validate refuses what is wrong all the same', () => {
  const { desired, diagnostics } = validateTopology({
    text: text.replace('source: primary', 'source: primry'),
    fileName: 'steep.yaml',
    environment: {},
  });
  expect(desired).toBeNull();
  expect(diagnostics.map(({ code }) => code)).toContain('UNKNOWN_NODE');
});

test('without the passwords of replication connections the same is asked for', () => {
  const { PASSWORD: _password, ...rest } = environment;
  const read = (yaml: string, withoutPasswords: boolean) =>
    loadTopology({ text: yaml, fileName: 'steep.yaml', environment: rest, withoutPasswords });
  expect(read(text, false).topology).toBeNull();
  const { topology, diagnostics } = read(text, true);
  expect(diagnostics).toEqual([]);
  expect(topology?.desired).toEqual(load(text, 'steep.yaml').topology?.desired);
  expect(topology?.connections.replication.primary?.hasPassword).toBe(false);
  const own = text.replace('passfile: /pgpass', 'password_env: PASSWORD');
  expect(read(own, true).diagnostics.map(({ code }) => code)).toEqual(['MISSING_VARIABLE']);
});

test('the role that applies is that of the node, or the one of all nodes', () => {
  const named = text
    .replace('priority: 90', 'apply_role: ships')
    .replace('defaults:', 'defaults:\n  apply_role: steep_apply');
  expect(load(named).topology?.desired.nodes).toMatchObject([
    { name: 'primary', applyRole: 'ships' },
    { name: 'reporting', applyRole: 'steep_apply' },
  ]);
});
