// Reads the ends of edges that are on a watched node, and tells the edges that have changed. Each node is asked by its own
// reader only: what an edge needs of its other end, the reader of that node has read.

import { setTimeout as delay } from 'node:timers/promises';
import {
  type ReadOfPublisher,
  readMissingTables,
  readPublisherEnds,
  readSubscriberEnds,
  wantedOf,
} from '../../catalog/edge/read-edge.ts';
import type { InitReading } from '../../model/copy/init-reading.ts';
import { type EdgeFacts, type EdgeName, edgeFacts } from '../../model/edge/edge-facts.ts';
import type { PublisherEnd } from '../../model/edge/edge-reading.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { edgeNames, surroundingsOf } from '../observe/edges-of-live.ts';
import type { WatchedEnds, WatchHub } from './watch-hub.ts';

/** Milliseconds. What has not changed is told again, since verdicts rest on several looks. */
const repeatEvery = 5000;

/** Milliseconds that an edge waits for the reader of its publisher: what is not read until then is unknown. */
const askFor = 2000;

/** Without what moves and tells nothing: ages of sessions and of looks. */
const newsOf = (facts: EdgeFacts): string =>
  JSON.stringify({
    ...facts,
    workerAgeSeconds: null,
    init: facts.init === null ? null : { ...facts.init, silentSeconds: 0 },
    blockers: facts.blockers.map((blocker) => ({ ...blocker, ageSeconds: 0 })),
  });

const readingOf = ({ subscriber, wanted }: WatchedEnds): ReadOfPublisher =>
  subscriber === null ? wanted : wantedOf(subscriber, wanted.slot);

/** What was read of the publisher is what the subscription reads there, or cannot be read. */
const isMatched = (ends: WatchedEnds, { project, lost, wakeups }: WatchHub): boolean => {
  const { readFor, told } = ends;
  const { source } = ends.around;
  const isWatched = project.desired.nodes.some(({ name }) => name === source);
  if (!isWatched || lost.has(source) || readFor === JSON.stringify(readingOf(ends))) return true;
  // It connects: only what was never told waits for that.
  return told !== null && !wakeups.has(source);
};

/** Without what cannot be compared with the other end. */
const publisherOf = (ends: WatchedEnds, hub: WatchHub): PublisherEnd | null => {
  const { publisher, subscriber } = ends;
  if (publisher === null || !isMatched(ends, hub)) return null;
  return subscriber === null ? { ...publisher, published: null } : publisher;
};

/** Tells it if it is news. */
const tell = (ends: WatchedEnds, hub: WatchHub): void => {
  const { name, subscriber, told: before } = ends;
  const publisher = publisherOf(ends, hub);
  const facts = edgeFacts(name, { subscriber, publisher }, { ...ends.around, init: ends.init });
  const rows = subscriber === null || subscriber === 'gone' ? [] : subscriber.tables;
  const tables = rows.map(({ table, syncState, bytesDone, rowsDone }) => ({
    table,
    syncState,
    bytesDone,
    rowsDone,
  }));
  const now = { facts: newsOf(facts), tables: JSON.stringify(tables), at: hub.runtime.clock() };
  const isSame = before?.facts === now.facts && before.tables === now.tables;
  if (isSame && now.at - before.at < repeatEvery) return;
  ends.told = now;
  hub.emit({
    event: 'watch.edge',
    facts,
    tables: before?.tables === now.tables ? null : tables,
  });
};

const emptyEnds = { subscriber: null, publisher: null, readFor: null, init: null, told: null };

/** As the last whole look has it; what was read of its ends since stays. */
const indexedEnds = (
  name: EdgeName,
  before: WatchedEnds | undefined,
  { project: { desired }, introspection: { live, prepared } }: WatchHub,
): WatchedEnds => {
  const isPrepared = prepared.has(keyOf(name));
  const around = surroundingsOf(name, desired, live, { init: null, prepared: isPrepared });
  const { publications = null } =
    desired.subscriptions.find((sub) => sub.node === name.node && sub.name === name.subscription) ??
    {};
  const wanted = { slot: around.wanted?.slot ?? null, publications };
  return Object.assign(before ?? { ...emptyEnds, name }, { around, wanted });
};

const keyOf = ({ node, subscription }: EdgeName): string => `${node}/${subscription}`;

/** All edges that are known since the last whole look; those that are gone are told. */
const allEdges = (hub: WatchHub): readonly WatchedEnds[] => {
  const { project, introspection, edges, indexed } = hub;
  if (indexed === introspection) return [...edges.values()];
  hub.indexed = introspection;
  const before = new Map(edges);
  edges.clear();
  for (const name of edgeNames(project.desired, introspection.live)) {
    const key = keyOf(name);
    edges.set(key, indexedEnds(name, before.get(key), hub));
  }
  for (const [key, { name }] of before) {
    if (!edges.has(key)) hub.emit({ event: 'watch.edge_gone', ...name });
  }
  return [...edges.values()];
};

const edgesInto = (node: NodeName, hub: WatchHub): readonly WatchedEnds[] =>
  allEdges(hub).filter(({ name }) => name.node === node);

const edgesFrom = (node: NodeName, hub: WatchHub): readonly WatchedEnds[] =>
  allEdges(hub).filter(({ around }) => around.source === node);

/** The first time, and after a change, the publishers are read again at once; they are waited for, but not for long. */
const matched = async (edges: readonly WatchedEnds[], hub: WatchHub): Promise<void> => {
  if (edges.every((ends) => isMatched(ends, hub))) return;
  const giveUp = new AbortController();
  const late = delay(askFor, undefined, { ref: false, signal: giveUp.signal }).catch(
    () => undefined,
  );
  let isLate = false;
  void late.then(() => {
    isLate = true;
  });
  for (;;) {
    const open = edges.filter((ends) => !isMatched(ends, hub));
    if (open.length === 0 || isLate || hub.signal.aborted) break;
    for (const ends of open) hub.wakeups.get(ends.around.source)?.();
    await Promise.race([hub.nextLook(), late]);
  }
  giveUp.abort();
};

const findMissingTables = async (ends: WatchedEnds, session: Session): Promise<void> => {
  const { subscriber, publisher } = ends;
  if (subscriber === null || subscriber === 'gone') return;
  const published = publisher?.published ?? null;
  const missingTables = await readMissingTables(session, published, subscriber);
  ends.subscriber = { ...subscriber, missingTables };
};

/** All that its own session tells of edges: those that end in the node, and those that begin there. */
export const readEdges = async (
  node: NodeName,
  hub: WatchHub,
  session: Session,
  inits: readonly InitReading[],
): Promise<void> => {
  const into = edgesInto(node, hub);
  const names = into.map(({ name }) => name.subscription);
  const subscribers = await readSubscriberEnds(session, names);
  for (const [index, ends] of into.entries()) {
    ends.init = inits.find(({ subscription }) => subscription === names[index]) ?? null;
    ends.subscriber = subscribers[index] ?? null;
  }
  const from = edgesFrom(node, hub);
  const reads = from.map(readingOf);
  const publishers = await readPublisherEnds(session, reads);
  for (const [index, ends] of from.entries()) {
    ends.publisher = publishers[index] ?? null;
    ends.readFor = JSON.stringify(reads[index]);
  }
  hub.announceLook(node);
  await matched(into, hub);
  for (const ends of into) await findMissingTables(ends, session);
  for (const ends of new Set([...into, ...from.filter(isKnown)])) tell(ends, hub);
};

/** Its subscriber has told of it already. */
const isKnown = ({ told }: WatchedEnds): boolean => told !== null;

/** The node cannot be read: nothing is known of the ends that are there. */
export const loseEdges = (node: NodeName, hub: WatchHub): void => {
  hub.lost.add(node);
  const into = edgesInto(node, hub);
  for (const ends of into) ends.subscriber = null;
  const from = edgesFrom(node, hub);
  for (const ends of from) Object.assign(ends, { publisher: null, readFor: null });
  hub.announceLook(node);
  for (const ends of new Set([...into, ...from.filter(isKnown)])) tell(ends, hub);
};
