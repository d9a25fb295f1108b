// Reads both ends of one edge as they are now: the only reader of what the verdict on an edge rests on.

import type {
  EdgeReading,
  PublisherEnd,
  SlotLag,
  SubscriberEnd,
  SubscriptionWorker,
} from '../../model/edge/edge-reading.ts';
import { comparePublished, type Published } from '../../model/edge/published.ts';
import type { Blocker } from '../../model/event.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { readBlockers, readSlotLags, readSubscriptionProgresses } from '../copies/read-progress.ts';
import { readPublished } from '../objects/read-published-names.ts';
import { readSubscriptionHealths } from './read-subscription-health.ts';

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
  const subscriber = await ask(edge.node, (session) =>
    readSubscriberEnd(session, edge.subscription),
  );
  const publisher =
    edge.source === null
      ? null
      : await ask(edge.source, (session) =>
          readPublisherEnd(session, wantedOf(subscriber, edge.wantedSlot)),
        );
  if (subscriber === null || subscriber === 'gone') return { subscriber, publisher };
  const missingTables = await ask(edge.node, (session) =>
    readMissingTables(session, publisher?.published ?? null, subscriber),
  );
  return { publisher, subscriber: { ...subscriber, missingTables: missingTables ?? [] } };
};

const readSubscriberEnd = async (
  session: Session,
  subscription: string,
): Promise<SubscriberEnd | 'gone'> => {
  const [end = 'gone'] = await readSubscriberEnds(session, [subscription]);
  return end;
};

/** Of several subscriptions, in their order and with as few statements as of one; without the tables that they miss. */
export const readSubscriberEnds = async (
  session: Session,
  subscriptions: readonly string[],
): Promise<readonly (SubscriberEnd | 'gone')[]> => {
  if (subscriptions.length === 0) return [];
  const healths = await readSubscriptionHealths(session, subscriptions);
  const progress = await readSubscriptionProgresses(session, [...healths.keys()]);
  const ends: (SubscriberEnd | 'gone')[] = [];
  for (const name of subscriptions) {
    const health = healths.get(name);
    if (health === undefined) ends.push('gone');
    else {
      const blockers = await blockersOf(session, health.workers);
      ends.push({ ...health, tables: progress.get(name) ?? [], blockers, missingTables: [] });
    }
  }
  return ends;
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

/** What a subscription reads of its publisher. */
export interface ReadOfPublisher {
  /** Null: it has none, or none is known. */
  readonly slot: string | null;
  /** Null: it is not known. */
  readonly publications: readonly string[] | null;
}

/** `wantedSlot`: where the subscription does not tell. */
export const wantedOf = (
  subscriber: EdgeReading['subscriber'],
  wantedSlot: string | null,
): ReadOfPublisher =>
  subscriber === null || subscriber === 'gone'
    ? { slot: wantedSlot, publications: null }
    : { slot: subscriber.slot, publications: subscriber.publications };

const readPublisherEnd = async (session: Session, read: ReadOfPublisher): Promise<PublisherEnd> => {
  const [end] = await readPublisherEnds(session, [read]);
  return end ?? { slot: null, published: null };
};

/** Of several subscriptions, in their order: all slots by one statement, and the same publications once. */
export const readPublisherEnds = async (
  session: Session,
  reads: readonly ReadOfPublisher[],
): Promise<readonly PublisherEnd[]> => {
  const slots = reads.flatMap(({ slot }) => (slot === null ? [] : [slot]));
  const lags = slots.length === 0 ? new Map<string, SlotLag>() : await readSlotLags(session, slots);
  const published = new Map<string, Published>();
  for (const { publications } of reads) {
    const key = JSON.stringify(publications);
    if (publications === null || published.has(key)) continue;
    published.set(key, await readPublished(session, publications));
  }
  return reads.map(({ slot, publications }) => ({
    slot: slot === null ? null : (lags.get(slot) ?? null),
    published: published.get(JSON.stringify(publications)) ?? null,
  }));
};

/** Of what is published and not subscribed: a table that is not there is the cause of that. to_regclass would fail without rights. */
export const readMissingTables = async (
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
