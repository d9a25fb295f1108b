// Both ends of every edge as they are now, judged: what status, drift and doctor show, and what apply says where it has
// nothing to do.

import { setTimeout as delay } from 'node:timers/promises';
import { readInits } from '../../catalog/copies/read-inits.ts';
import { type AskNode, readEdge } from '../../catalog/edge/read-edge.ts';
import { readPrepared } from '../../catalog/slots/read-prepared.ts';
import type { InitReading } from '../../model/copy/init-reading.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import {
  type EdgeFacts,
  type EdgeName,
  type EdgeSurroundings,
  edgeFacts,
} from '../../model/edge/edge-facts.ts';
import { type EdgeStatus, judgeEdge } from '../../model/edge/edge-health.ts';
import { isCleared, isDoubtful, settle } from '../../model/edge/two-looks.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { initMethods } from '../../planner/init/methods/index.ts';
import { toFailure } from '../../postgres/failures.ts';
import { asDiagnostic, type OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import { edgeNames, surroundingsOf } from './edges-of-live.ts';

/** PostgreSQL starts a failed worker again after 5 s. */
const doubtLastsMs = 5500;
const betweenLooksMs = 500;

/** A worker that runs at the last look may have been started that moment, and be about to fail again. */
const lastLookMs = 1000;

/** By node and subscription. */
export type Inits = ReadonlyMap<NodeName, ReadonlyMap<string, InitReading>>;

export interface EdgesExamined {
  readonly inits: Inits;
  readonly edges: readonly EdgeStatus[];
  /** Nodes that went away in between. */
  readonly lost: LiveState['unreadable'];
}

interface Reader {
  readonly nodes: OpenNodes;
  readonly live: LiveState;
  readonly lost: Map<NodeName, Diagnostic>;
}

interface Edge {
  readonly name: EdgeName;
  readonly surroundings: EdgeSurroundings;
}

const initsOf = async (nodes: OpenNodes, live: LiveState): Promise<Inits> => {
  const inits = new Map<NodeName, ReadonlyMap<string, InitReading>>();
  for (const { node, server } of Object.values(live.nodes)) {
    const session = server.metadataVersion === 0 ? undefined : nodes.metadata.get(node);
    const readings = session === undefined ? [] : await readInits(session, node);
    inits.set(node, new Map(readings.map((reading) => [reading.subscription, reading])));
  }
  return inits;
};

/** A node that could not be read at first, or that goes away, leaves its part of the edge unknown. */
const askerOf =
  ({ nodes, live, lost }: Reader, { node, subscription }: EdgeName): AskNode =>
  async (asked, body) => {
    const session = nodes.sessions.get(asked);
    if (session === undefined || live.nodes[asked] === undefined) return null;
    try {
      return await body(session);
    } catch (error) {
      const doing = `asking how far ${addressOf(node, 'subscription', subscription)} is`;
      lost.set(asked, asDiagnostic(toFailure(error, { node: asked, doing }), asked));
      return null;
    }
  };

/** Noted where the slot is: the node gets its first row of steep_repl with its subscription. */
export const isPrepared = async (
  { node, subscription }: EdgeName,
  { subscriptions }: DesiredState,
  { nodes, live }: Pick<Reader, 'nodes' | 'live'>,
): Promise<boolean> => {
  const wanted = subscriptions.find((sub) => sub.node === node && sub.name === subscription);
  if (wanted === undefined || live.nodes[wanted.source] === undefined) return false;
  if (!initMethods[wanted.init].awaitsUser) return false;
  const isInstalled = (live.nodes[wanted.source]?.server.metadataVersion ?? 0) > 0;
  const session = isInstalled ? nodes.metadata.get(wanted.source) : undefined;
  return session !== undefined && (await readPrepared(session, wanted.slot)) !== null;
};

const look = async ({ name, surroundings }: Edge, reader: Reader): Promise<EdgeFacts> => {
  const { source, wanted } = surroundings;
  const wantedSlot = wanted?.slot ?? null;
  const reading = await readEdge({ ...name, source, wantedSlot }, askerOf(reader, name));
  return edgeFacts(name, reading, surroundings);
};

/** An edge over several looks, the oldest first. */
interface Looked {
  readonly edge: Edge;
  readonly looks: [EdgeFacts, ...EdgeFacts[]];
}

const lookAgain = async (all: readonly Looked[], reader: Reader): Promise<void> => {
  for (const { edge, looks } of all) looks.push(await look(edge, reader));
};

const lastOf = ({ looks }: Looked): EdgeFacts => looks.at(-1) ?? looks[0];

const startedJustNow = ({ looks }: Looked): boolean =>
  looks.at(-1)?.workerRunning === true && looks.at(-2)?.workerRunning === false;

/** Looks at what is doubtful until it has cleared up, or for as long as PostgreSQL waits between two tries. */
const lookUntilCertain = async (all: readonly Looked[], reader: Reader): Promise<void> => {
  let doubtful = all.filter((looked) => isDoubtful(lastOf(looked)));
  for (let waited = 0; waited < doubtLastsMs && doubtful.length > 0; waited += betweenLooksMs) {
    await delay(betweenLooksMs);
    await lookAgain(doubtful, reader);
    doubtful = doubtful.filter(({ looks }) => !isCleared(looks));
  }
  const restarted = doubtful.filter(startedJustNow);
  if (restarted.length === 0) return;
  await delay(lastLookMs);
  await lookAgain(restarted, reader);
};

/** Reads both ends of every edge; what could not be read is `unknown`. Takes 6 s longer where something fails or does not move. */
export const examineEdges = async (
  { desired }: Project,
  nodes: OpenNodes,
  live: LiveState,
): Promise<EdgesExamined> => {
  const inits = await initsOf(nodes, live);
  const reader: Reader = { nodes, live, lost: new Map() };
  const all: Looked[] = [];
  for (const name of edgeNames(desired, live)) {
    const init = inits.get(name.node)?.get(name.subscription) ?? null;
    const prepared = await isPrepared(name, desired, reader);
    const surroundings = surroundingsOf(name, desired, live, { init, prepared });
    const edge = { name, surroundings };
    all.push({ edge, looks: [await look(edge, reader)] });
  }
  await lookUntilCertain(all, reader);
  const { maxLag } = desired.policy;
  const edges = all.map(({ looks }) => {
    const facts = settle(looks);
    return { ...facts, verdict: judgeEdge(facts, maxLag) };
  });
  return { inits, edges, lost: Object.fromEntries(reader.lost) };
};
