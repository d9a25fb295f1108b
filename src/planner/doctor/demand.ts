// How much of each limit this topology takes in a node's cluster: what must fit for replication to run, and what should
// fit so that initial copies do not wait for each other.

import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { isKind } from '../context/context.ts';
import { copiesRows } from '../facts/manual-init.ts';
import { type DoctorContext, incoming, nodesOfCluster, subscriptionsFrom } from './context.ts';

export interface Demand {
  readonly used: number;
  /** In all: what others use, and what the file asks for. */
  readonly needed: number;
  /** The same with initial copies at full width. */
  readonly comfortable: number;
}

export type Demands = Readonly<Record<string, Demand>>;

const settingNumber = (node: NodeFacts, name: string): number | null =>
  node.settings.find((setting) => setting.name === name)?.number ?? null;

/** Tables of a subscription whose initial copy is not done. */
const waitingCopies = (sub: DesiredSubscription, context: DoctorContext): number => {
  if (!copiesRows(sub, true)) return 0;
  const ready = new Set(
    (context.nodes.get(sub.node)?.state.resources ?? [])
      .filter(isKind('copy'))
      .filter(({ spec }) => spec.state === 'ready')
      .map(({ address }) => address),
  );
  return context.resources
    .filter(isKind('copy'))
    .filter(({ node, spec }) => node === sub.node && spec.subscription === sub.name)
    .filter(({ address }) => !ready.has(address)).length;
};

/** Workers of its initial copies that run side by side. */
const copyWorkers = (sub: DesiredSubscription, context: DoctorContext): number => {
  const subscriber = context.nodes.get(sub.node);
  if (subscriber === undefined) return 0;
  const most = settingNumber(subscriber, 'max_sync_workers_per_subscription') ?? 0;
  return Math.min(waitingCopies(sub, context), most);
};

const demand = (used: number, ours: number, wanted: number, copies: number): Demand => {
  const needed = Math.max(0, used - ours) + wanted;
  return { used, needed, comfortable: needed + copies };
};

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** What publishing takes: a slot and a walsender for each subscription, more while it copies. */
const publishing = (node: NodeFacts, context: DoctorContext) => {
  const subs = nodesOfCluster(node, context).flatMap((peer) => subscriptionsFrom(peer, context));
  const names = new Set(subs.map(({ slot }) => slot));
  const ours = node.slots.filter(({ name }) => names.has(name));
  const copies = sum(subs.map((sub) => copyWorkers(sub, context)));
  const readers = subs.filter(({ enabled }) => enabled).length;
  const active = ours.filter((slot) => slot.active).length;
  return {
    slots: demand(node.usage.slots, ours.length, subs.length, copies),
    senders: demand(node.usage.senders, active, readers, copies),
  };
};

/** What subscribing takes: an origin and a worker for each subscription, more while it copies. */
const subscribing = (node: NodeFacts, context: DoctorContext) => {
  const peers = nodesOfCluster(node, context);
  const subs = peers.flatMap((peer) => incoming(peer, context));
  const live = peers
    .flatMap(({ state }) => state.resources.filter(isKind('subscription')))
    .filter((sub) => subs.some(({ node: at, name }) => at === sub.node && name === sub.name));
  const running = live.filter(({ observed }) => observed?.workerRunning === true).length;
  const copies = subs.map((sub) => copyWorkers(sub, context));
  // One copy at a time is enough to end them all; without a free one, none begins.
  const oneCopy = subs.some((sub) => waitingCopies(sub, context) > 0) ? 1 : 0;
  const enabled = subs.filter((sub) => sub.enabled).length;
  const workers = demand(
    node.usage.workers,
    running,
    enabled + oneCopy,
    Math.max(0, sum(copies) - oneCopy),
  );
  const others = Math.max(0, node.usage.background - node.usage.workers);
  return {
    origins: demand(node.usage.origins, live.length, subs.length, sum(copies)),
    workers,
    processes: {
      used: node.usage.background,
      needed: others + workers.needed,
      comfortable: others + workers.comfortable,
    },
    syncs: { used: node.usage.syncs, needed: oneCopy, comfortable: oneCopy },
  };
};

/** The greater of two that share a limit without adding up. */
const greater = (a: Demand, b: Demand): Demand => ({
  used: Math.max(a.used, b.used),
  needed: Math.max(a.needed, b.needed),
  comfortable: Math.max(a.comfortable, b.comfortable),
});

/** By setting. Up to 17, origins are bounded by max_replication_slots too, apart from the slots. */
export const demandsOf = (node: NodeFacts, context: DoctorContext): Demands => {
  const { slots, senders } = publishing(node, context);
  const { origins, workers, processes, syncs } = subscribing(node, context);
  const apart = settingNumber(node, 'max_active_replication_origins') !== null;
  return {
    max_replication_slots: apart ? slots : greater(slots, origins),
    max_wal_senders: senders,
    max_logical_replication_workers: workers,
    max_sync_workers_per_subscription: syncs,
    max_worker_processes: processes,
    ...(apart ? { max_active_replication_origins: origins } : {}),
  };
};
