// A small world with a snapshot on storage: one that fits, and every way in which it may not.

import type {
  SnapshotFacts,
  SnapshotReading,
} from '../../../src/model/snapshot/snapshot-reading.ts';
import type { SlotObserved } from '../../../src/model/state/resource.ts';
import type { DesiredSubscription, LiveState } from '../../../src/model/state/state.ts';
import { simulateSteps } from '../plans/simulate.ts';
import {
  desiredState,
  liveState,
  nameOf,
  nodeState,
  planOf,
  resource,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from './worlds.ts';

export const feed = 'us/subscription.feed';
export const slot = 'eu/slot.feed';
export const lsn = '0/16B3748';
export const names = ['items', 'orders'];

export const asked = (
  rest: Partial<DesiredSubscription> = {},
  more: readonly DesiredSubscription[] = [],
) =>
  desiredState(['eu', 'us'], {
    publications: [
      wantPublication('eu', 'sales', { tables: names.map((name) => select(name)) }),
      wantPublication('eu', 'notes', { tables: [select('notes')] }),
    ],
    subscriptions: [
      wantSubscription('us', 'eu', 'feed', {
        publications: ['sales'],
        init: 'two_phase',
        snapshot: 'snap',
        ...rest,
      }),
      ...more,
    ],
  });

const publications = (): LiveState['nodes'][string]['resources'] => {
  const plan = planOf(asked(), liveState(...bare()));
  const made = simulateSteps(
    liveState(...bare()),
    plan.steps.filter(({ kind }) => kind === 'create-publication'),
  );
  return (made.nodes.eu?.resources ?? []).filter(({ kind }) => kind === 'publication');
};

const bare = () =>
  ['eu', 'us'].map((node, index) =>
    nodeState(node, {
      tables: [...names, 'notes'].map((name) => table(name)),
      server: server({ systemIdentifier: String(index), metadataVersion: 3 }),
    }),
  );

const observed: SlotObserved = {
  active: false,
  walStatus: 'reserved',
  confirmedFlushLsn: lsn,
  restartLsn: '0/16B3710',
  lagBytes: 0,
  retainedBytes: 0,
  safeWalSize: null,
  failover: false,
  twoPhase: false,
};

const columns = [
  { name: 'id', wire: 'int4' },
  { name: 'note', wire: 'text' },
];
export const now = {
  strictFingerprint: 's',
  replicationFingerprint: 'r',
  sent: { columns: ['id', 'note'], filter: null },
};
export const mark = {
  name: 'sales',
  oid: 7,
  publish: ['insert', 'update', 'delete', 'truncate'],
  viaRoot: false,
  members: [1, 2],
} as const;

export const facts: SnapshotFacts = {
  formatVersion: 1,
  steepVersion: '0.1.0',
  snapshotId: 'one',
  manifestSha256: '0'.repeat(64),
  createdAt: '2026-01-31T12:00:00.000Z',
  source: {
    node: 'eu',
    systemIdentifier: '0',
    timeline: 1,
    database: 'app',
    serverVersion: 180004,
    encoding: 'UTF8',
  },
  slot: 'anchor',
  lsn,
  publications: ['sales'],
  publicationMarks: [mark],
  replaced: [],
  marksNow: [mark],
  compression: 'zstd',
  foreignKeys: [],
  tables: names.map((name) => ({
    ...nameOf(name),
    columns,
    filter: null,
    format: 'binary',
    strictFingerprint: 's',
    replicationFingerprint: 'r',
    rows: 1000,
    bytes: 5000,
    size: 8192,
  })),
  now: Object.fromEntries(names.map((name) => [`public.${name}`, now])),
};

export const read = (rest: Partial<SnapshotFacts> = {}): SnapshotReading => ({
  facts: { ...facts, ...rest },
  fault: null,
});

export interface Rest {
  readonly anchor?: Partial<SlotObserved> | null;
  readonly reading?: SnapshotReading;
  readonly encoding?: string;
  readonly apart?: boolean;
  readonly hasRows?: boolean;
}

export const servers = ({ anchor = {}, reading = read(), ...rest }: Rest = {}): LiveState => {
  const [eu, us] = bare();
  if (eu === undefined || us === undefined) throw new Error('two nodes');
  const slots =
    anchor === null
      ? []
      : [
          resource(
            'slot',
            'eu',
            'anchor',
            { plugin: 'pgoutput', database: 'app' },
            {
              owned: false,
              observed: { ...observed, ...anchor },
            },
          ),
        ];
  const live = liveState(
    { ...eu, resources: [...publications(), ...slots] },
    {
      ...us,
      tables: us.tables.map((it) => ({ ...it, hasRows: rest.hasRows === true })),
      server: {
        ...us.server,
        encoding: rest.encoding ?? 'UTF8',
        metadataDatabase: rest.apart === true ? 'postgres' : null,
      },
    },
  );
  return { ...live, snapshots: { [feed]: reading } };
};
