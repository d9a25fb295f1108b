// Reads both ends of one edge as they are now: the only reader of what the verdict on an edge rests on.

import type {
  EdgeReading,
  PublisherEnd,
  SubscriberEnd,
  SubscriptionWorker,
} from '../../model/edge/edge-reading.ts';
import { comparePublished, type Published } from '../../model/edge/published.ts';
import type { Blocker } from '../../model/event.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { readBlockers, readSlotLag, readSubscriptionProgress } from '../copies/read-progress.ts';
import { readPublished } from '../objects/read-published-names.ts';
import { readSubscriptionHealth } from './read-subscription-health.ts';

export interface EdgeToRead {
  readonly node: NodeName;
  readonly subscription: string;
  /** Null: no node of the file. */
  readonly source: NodeName | null;
  /** The slot that steep.yaml gives it, where the subscription does not tell; null: none is known. */
  readonly wantedSlot: string | null;
}

/** Asks a node; null: it cannot be asked. Whoever needs an answer throws instead. */
export type AskNode = <T>(
  node: NodeName,
  body: (session: Session) => Promise<T>,
) => Promise<T | null>;

/** One end after the other: what the publisher sends is then compared with what the subscriber has. */
export const readEdge = async (edge: EdgeToRead, ask: AskNode): Promise<EdgeReading> => {
  const subscriber = await ask(edge.node, async (session) => {
    return (await readSubscriber(session, edge.subscription)) ?? ('gone' as const);
  });
  const publisher =
    edge.source === null
      ? null
      : await ask(edge.source, (session) => readPublisher(session, edge, subscriber));
  if (subscriber === null || subscriber === 'gone') return { subscriber, publisher };
  const missingTables = await ask(edge.node, (session) =>
    readMissingTables(session, publisher?.published ?? null, subscriber),
  );
  return { publisher, subscriber: { ...subscriber, missingTables: missingTables ?? [] } };
};

const readSubscriber = async (
  session: Session,
  subscription: string,
): Promise<SubscriberEnd | null> => {
  const health = await readSubscriptionHealth(session, subscription);
  if (health === null) return null;
  const tables = await readSubscriptionProgress(session, subscription);
  const blockers = await blockersOf(session, health.workers);
  return { ...health, tables, blockers, missingTables: [] };
};

const blockersOf = async (
  session: Session,
  workers: readonly SubscriptionWorker[],
): Promise<readonly Blocker[]> => {
  const waiting = workers.filter(({ waitType }) => waitType === 'Lock').map(({ pid }) => pid);
  if (waiting.length === 0) return [];
  const own = new Set(workers.map(({ pid }) => pid));
  const found = await readBlockers(session, waiting);
  const others = [...found.values()].flat().filter(({ pid }) => !own.has(pid));
  return [...new Map(others.map((blocker) => [blocker.pid, blocker])).values()];
};

const readPublisher = async (
  session: Session,
  { wantedSlot }: EdgeToRead,
  subscriber: EdgeReading['subscriber'],
): Promise<PublisherEnd> => {
  const end = subscriber === 'gone' ? null : subscriber;
  const slot = end === null ? wantedSlot : end.slot;
  return {
    slot: slot === null ? null : await readSlotLag(session, slot),
    published: end === null ? null : await readPublished(session, end.publications),
  };
};

/** Of what is published and not subscribed: a table that is not there is the cause of that. to_regclass would fail without rights. */
const readMissingTables = async (
  session: Session,
  published: Published | null,
  { tables }: SubscriberEnd,
): Promise<readonly string[]> => {
  const subscribed = tables.map(({ table }) => table);
  const unknown = comparePublished(published, subscribed).unknownTables ?? [];
  if (unknown.length === 0) return [];
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT t.name FROM pg_catalog.unnest(${unknown}::text[]) AS t (name)
     WHERE NOT EXISTS (
             SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE ARRAY[n.nspname, c.relname]::text[] = pg_catalog.parse_ident(t.name))
     ORDER BY t.name`);
  return rows.map(({ name }) => name);
};
