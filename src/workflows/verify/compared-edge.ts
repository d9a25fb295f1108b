// What is compared of an edge: the tables that its publications send now, and how both ends are read.

import { readSubscriptionProgress } from '../../catalog/copies/read-progress.ts';
import { readSubscriptionHealth } from '../../catalog/edge/read-subscription-health.ts';
import type { TableToCompare } from '../../compare/difference/compared-table.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import type { DesiredState, DesiredSubscription, LiveState } from '../../model/state/state.ts';
import type { Session } from '../../postgres/session.ts';
import { comparedPartsOf, readSentNow } from '../init/init-edge.ts';
import type { OpenNodes } from '../nodes.ts';

export interface EdgeTable extends TableToCompare {
  /** Its rows are complete on the subscriber; otherwise the state of its copy. */
  readonly syncState: string;
  /** Another subscription of the node brings rows of this table, too. */
  readonly shared: boolean;
  readonly notes: readonly string[];
}

export interface ComparedEdge {
  readonly subscription: DesiredSubscription;
  readonly publisher: Session;
  readonly subscriber: Session;
  readonly slot: string;
  /** The slot on the subscriber that the publisher reads; null: changes go one way. */
  readonly backSlot: string | null;
  readonly tables: readonly EdgeTable[];
}

export interface EdgesToCompare {
  readonly desired: DesiredState;
  readonly live: LiveState;
  readonly nodes: OpenNodes;
}

/** @throws SteepError with the code and the words of why nothing of the edge can be compared. */
export const readComparedEdge = async (
  subscription: DesiredSubscription,
  world: EdgesToCompare,
): Promise<ComparedEdge> => {
  const publisher = sessionOf(subscription.source, world);
  const subscriber = sessionOf(subscription.node, world);
  const health = await readSubscriptionHealth(subscriber, subscription.name);
  if (health === null || health.slot === null) throw notThere(subscription, health !== null);
  const ready = new Map(
    (await readSubscriptionProgress(subscriber, subscription.name)).map(({ table, syncState }) => [
      table,
      syncState,
    ]),
  );
  const others = await tablesOfOthers(subscription, world);
  const parts = await sentBy({ ...subscription, publications: health.publications }, world);
  const tables = parts.map((part): EdgeTable => {
    const name = formatName(part.table);
    const shared = others.has(name);
    return {
      ...part,
      syncState: ready.get(name) ?? '',
      shared,
      notes: shared ? [sharedNote] : [],
    };
  });
  const backSlot = await readBackSlot(subscription, world);
  return { subscription, publisher, subscriber, slot: health.slot, backSlot, tables };
};

const sharedNote =
  'Another subscription of this node brings rows of this table, so rows that only the subscriber has were not judged.';

const sessionOf = (node: string, { live, nodes }: EdgesToCompare): Session => {
  const session = nodes.sessions.get(node);
  if (session !== undefined && live.nodes[node] !== undefined) return session;
  throw unreadError(live.unreadable[node], `Node ${node} was not read.`);
};

const notThere = ({ name, node }: DesiredSubscription, detached: boolean): SteepError =>
  new SteepError(
    'SUBSCRIPTION_MISSING',
    detached
      ? `Subscription ${name} of node ${node} has no slot, so nothing is replicated.`
      : `Node ${node} has no subscription ${name}.`,
    { exit: ExitCode.incomplete, suggestions: ['steep plan'] },
  );

type Sent = Pick<DesiredSubscription, 'source' | 'publications'>;

const sentBy = async (sent: Sent, world: EdgesToCompare): Promise<readonly TableToCompare[]> => {
  const session = sessionOf(sent.source, world);
  const state = world.live.nodes[sent.source];
  if (state === undefined) return [];
  const { tables } = await readSentNow(session, state, sent);
  return comparedPartsOf(tables, state);
};

/** Tables that other subscriptions of the file bring to the same node; one whose source was not read brings none. */
const tablesOfOthers = async (
  { node, name }: DesiredSubscription,
  world: EdgesToCompare,
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (const other of world.desired.subscriptions) {
    if (other.node !== node || other.name === name) continue;
    if (world.live.nodes[other.source] === undefined) continue;
    for (const { table } of await sentBy(other, world)) found.add(formatName(table));
  }
  return found;
};

const readBackSlot = async (
  { node, source }: DesiredSubscription,
  world: EdgesToCompare,
): Promise<string | null> => {
  const back = world.desired.subscriptions.find(
    (sub) => sub.node === source && sub.source === node,
  );
  if (back === undefined) return null;
  const health = await readSubscriptionHealth(sessionOf(source, world), back.name);
  return health?.slot ?? null;
};
