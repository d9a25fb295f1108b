// One step of each kind, to show its SQL in docs/steps.md: the compiler asks for all of them.

import { type AddressKind, addressOf } from '../../src/model/state/address.ts';
import type { PublicationSpec } from '../../src/model/state/resource.ts';
import type { StepKind, StepOf } from '../../src/model/step/step.ts';

const orders = { schema: 'public', name: 'orders' };

const spec: PublicationSpec = {
  allTables: false,
  tables: [{ table: orders, columns: null, where: 'total > 0' }],
  schemas: [],
  publish: ['insert', 'update', 'delete'],
  viaPartitionRoot: false,
  generatedColumns: 'none',
};

/** What every step has; of no interest here. */
const base = <K extends StepKind>(kind: K, node: string, of: AddressKind, name: string) => {
  const address = addressOf(node, of, name);
  const rest = { why: '', needs: [], hazards: [], owns: null, forgets: [] };
  return { ...rest, kind, id: `${kind} ${address}`, node, address };
};

const publication = 'sales';
const subscription = 'sales_reporting';
const slot = 'sales_reporting';
const onPublication = <K extends StepKind>(kind: K) =>
  base(kind, 'primary', 'publication', publication);
const onSlot = <K extends StepKind>(kind: K) => base(kind, 'primary', 'slot', slot);
const onSubscription = <K extends StepKind>(kind: K) =>
  base(kind, 'reporting', 'subscription', subscription);

export const sampleSteps: { readonly [K in StepKind]: StepOf<K> } = {
  'install-metadata': {
    ...base('install-metadata', 'primary', 'metadata', 'steep_repl'),
    from: 0,
    to: 1,
  },
  'register-node': { ...base('register-node', 'primary', 'node', 'primary'), priority: 50 },
  'unregister-node': base('unregister-node', 'primary', 'node', 'primary'),
  'drop-metadata': base('drop-metadata', 'primary', 'metadata', 'steep_repl'),
  'rename-publication': {
    ...onPublication('rename-publication'),
    publication: 'sale',
    to: publication,
    fromAddress: addressOf('primary', 'publication', 'sale'),
    alias: spec,
    withGeneratedColumns: false,
    locks: [orders],
  },
  'rename-subscription': {
    ...onSubscription('rename-subscription'),
    subscription: 'sale_reporting',
    to: subscription,
    fromAddress: addressOf('reporting', 'subscription', 'sale_reporting'),
  },
  'advance-origin': { ...onSubscription('advance-origin'), subscription, lsn: '0/3000148' },
  'merge-pair': {
    ...onSubscription('merge-pair'),
    pair: 'us_eu',
    first: 'primary',
    forth: { subscription, slot, publication },
    back: { subscription: 'sales_primary', slot: 'sales_primary', publication: 'sales_back' },
    tables: [
      {
        table: orders,
        strategy: 'prefer-node-a',
        modifiedColumn: null,
        tie: 'a',
        overwrittenFirst: 0,
        overwrittenSecond: 12,
      },
    ],
    decisions: null,
    maxLockMs: 600_000,
  },
  'forget-former-nodes': {
    ...base('forget-former-nodes', 'reporting', 'metadata', 'steep_repl'),
    formerNodes: ['primary'],
  },
  'wait-for-stop': { ...onSlot('wait-for-stop'), slot },
  'change-schema': {
    ...base('change-schema', 'reporting', 'table', 'public.orders'),
    object: { kind: 'table', name: 'public.orders' },
    part: 'column note',
    statements: ['ALTER TABLE "public"."orders" ADD COLUMN "note" text'],
    lock: 'ACCESS EXCLUSIVE',
    losesData: false,
  },
  'record-ownership': {
    ...onPublication('record-ownership'),
    owns: {
      address: 'primary/publication.sales',
      kind: 'publication',
      applied: spec,
      protect: true,
    },
  },
  'set-replica-identity': {
    ...base('set-replica-identity', 'primary', 'identity', 'public.orders'),
    identity: { table: orders, mode: 'full', index: null },
  },
  'create-publication': {
    ...onPublication('create-publication'),
    publication,
    spec,
    withGeneratedColumns: false,
  },
  'alter-publication': {
    ...onPublication('alter-publication'),
    publication,
    dropTables: [{ schema: 'public', name: 'old_orders' }],
    addTables: spec.tables,
    dropSchemas: [],
    addSchemas: [],
    settings: { publish: ['insert'] },
    lockAdded: true,
  },
  'replace-publication': {
    ...onPublication('replace-publication'),
    publication,
    spec,
    withGeneratedColumns: false,
    locks: [orders],
  },
  'drop-publication': { ...onPublication('drop-publication'), publication },
  'create-slot': { ...onSlot('create-slot'), slot, plugin: 'pgoutput', snapshotFor: null },
  'drop-slot': { ...onSlot('drop-slot'), slot },
  'move-slot': { ...onSlot('move-slot'), slot, lsn: '0/3000148' },
  'create-origin': { ...base('create-origin', 'reporting', 'origin', 'feed'), origin: 'feed' },
  'drop-origin': { ...base('drop-origin', 'reporting', 'origin', 'feed'), origin: 'feed' },
  'move-origin': {
    ...base('move-origin', 'reporting', 'origin', 'feed'),
    origin: 'feed',
    lsn: '0/3000148',
  },
  'try-subscription': {
    ...onSubscription('try-subscription'),
    subscription,
    slot,
    source: 'primary',
    publications: [publication],
    options: {},
  },
  'truncate-tables': { ...onSubscription('truncate-tables'), subscription, tables: [orders] },
  'copy-tables': {
    ...onSubscription('copy-tables'),
    subscription,
    source: 'primary',
    slot,
    publications: [publication],
    tables: [orders],
    workers: 4,
  },
  'load-snapshot': {
    ...onSubscription('load-snapshot'),
    subscription: { name: subscription, source: 'primary', slot, lsn: '0/1A2B3C8' },
    manifestSha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    snapshotId: '01K8Z3',
    location: 'snapshots/2026-01-31',
    tables: [orders],
    workers: 4,
    rows: 120_000,
    bytes: 16_384_000,
  },
  'settle-copy': {
    ...onSubscription('settle-copy'),
    subscription,
    part: null,
    finished: [orders],
    unfinished: [{ schema: 'public', name: 'items' }],
  },
  'undo-copy': { ...onSubscription('undo-copy'), subscription, tables: [orders] },
  'create-subscription': {
    ...onSubscription('create-subscription'),
    subscription,
    slot,
    source: 'primary',
    publications: [publication],
    enabled: true,
    copyData: false,
    copied: null,
    loggingOff: ['log_min_error_statement', 'log_statement', 'track_activities'],
    options: { disable_on_error: 'true' },
  },
  'alter-subscription': {
    ...onSubscription('alter-subscription'),
    subscription,
    source: 'primary',
    setConnection: true,
    options: { binary: 'true' },
  },
  'set-publications': {
    ...onSubscription('set-publications'),
    subscription,
    publications: ['refunds', publication],
  },
  'disable-subscription': { ...onSubscription('disable-subscription'), subscription },
  'set-slot': { ...onSubscription('set-slot'), subscription, slot },
  'set-subscription-option': {
    ...onSubscription('set-subscription-option'),
    subscription,
    option: 'failover',
    value: 'true',
  },
  'enable-subscription': { ...onSubscription('enable-subscription'), subscription },
  'refresh-subscription': {
    ...onSubscription('refresh-subscription'),
    subscription,
    copyData: true,
  },
  'refresh-while-empty': {
    ...base('refresh-while-empty', 'us', 'subscription', 'us_eu_from_eu'),
    subscription: 'us_eu_from_eu',
    source: 'eu',
    slot: 'us_eu_from_eu',
    tables: [orders],
    enable: false,
  },
  'drop-subscription': { ...onSubscription('drop-subscription'), subscription },
  'verify-empty': {
    ...base('verify-empty', 'eu', 'slot', 'us_eu_from_eu'),
    slot: 'us_eu_from_eu',
    publication: 'us_eu_from_eu',
    tables: [orders],
  },
  'wait-for-slot': { ...onSlot('wait-for-slot'), slot, untilSlot: null },
  'advance-slot': {
    ...onSlot('advance-slot'),
    slot,
    subscriber: 'reporting',
    subscription,
    former: ['sale'],
    publications: [publication],
  },
  'wait-for-copy': { ...onSubscription('wait-for-copy'), subscription },
  'advance-sequences': {
    ...onSubscription('advance-sequences'),
    subscription,
    source: 'primary',
    tables: [orders],
  },
};
