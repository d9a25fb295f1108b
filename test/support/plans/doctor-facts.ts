// Nodes as the doctor reads them, in full health, for tests of its judging.

import type { NodeFacts, SettingFact } from '../../../src/model/report/doctor-facts.ts';
import type { DesiredState, LiveState, NodeState } from '../../../src/model/state/state.ts';
import { type DoctorContext, makeContext } from '../../../src/planner/doctor/context.ts';
import { liveState } from '../worlds/worlds.ts';

const setting = (name: string, value: string | number): SettingFact => ({
  name,
  value: String(value),
  number: typeof value === 'number' ? value : null,
  context: name === 'wal_sender_timeout' ? 'user' : 'postmaster',
  pendingRestart: false,
});

/** Settings of a node of PostgreSQL 18 that permit ten of everything. */
const roomySettings: readonly SettingFact[] = [
  setting('wal_level', 'logical'),
  setting('max_replication_slots', 10),
  setting('max_wal_senders', 10),
  setting('max_logical_replication_workers', 10),
  setting('max_sync_workers_per_subscription', 2),
  setting('max_worker_processes', 12),
  setting('max_active_replication_origins', 10),
];

/** The same node with other values of some settings. */
export const withSettings = (
  node: NodeFacts,
  values: Readonly<Record<string, string | number>>,
): NodeFacts => ({
  ...node,
  settings: [
    ...node.settings.filter(({ name }) => values[name] === undefined),
    ...Object.entries(values).map(([name, value]) => setting(name, value)),
  ],
});

export const nodeFacts = (state: NodeState, rest: Partial<NodeFacts> = {}): NodeFacts => ({
  state,
  settings: roomySettings,
  usage: { slots: 0, origins: 0, senders: 0, workers: 0, syncs: 0, background: 1 },
  hba: null,
  clock: { aheadMs: 0, uncertaintyMs: 1 },
  locale: { provider: 'libc', collate: 'C', ctype: 'C', locale: null },
  slots: [],
  existingRoles: [],
  replication: {
    endpoint: '10.0.0.4:5432/app',
    role: {
      name: 'replicator',
      attributes: { login: true, replication: true, superuser: false, connect: true },
      unreadable: new Set(),
      hidden: new Set(),
      filtered: new Set(),
    },
    hasPassword: true,
    sameAsOwn: false,
    probe: {
      kind: 'reached',
      systemIdentifier: state.server.systemIdentifier,
      database: state.server.database,
      passwordAsked: true,
    },
  },
  ...rest,
});

export interface DoctorWorld {
  readonly live: LiveState;
  readonly facts: ReadonlyMap<string, NodeFacts>;
  readonly context: DoctorContext;
}

export const doctorWorld = (desired: DesiredState, ...nodes: readonly NodeFacts[]): DoctorWorld => {
  const live = liveState(...nodes.map(({ state }) => state));
  const facts = new Map(nodes.map((node) => [node.state.node, node]));
  return { live, facts, context: makeContext(desired, live, facts, []) };
};
