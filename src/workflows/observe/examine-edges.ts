// Both ends of every edge as they are now, judged: what status shows, and what apply says where it has nothing to do.

import { setTimeout as delay } from 'node:timers/promises';
import { readInits } from '../../catalog/copies/read-inits.ts';
import { readPublished } from '../../catalog/objects/read-published-names.ts';
import type { InitReading } from '../../model/copy/init-reading.ts';
import type { EdgeFacts, EdgeStatus } from '../../model/report/status.ts';
import type { NodeName } from '../../model/state/address.ts';
import { judgeEdge } from '../../model/state/edge-health.ts';
import type { Published } from '../../model/state/published.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { OpenNodes } from '../nodes.ts';
import { readLive } from '../plan/read-live.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { type EdgeName, edgeFacts, edgeNames, liveSubscription } from './edge-facts.ts';

/** PostgreSQL starts a failed worker again after 5 s: one look in between cannot tell. */
const secondLookMs = 5500;

/** By node and subscription. */
export type Inits = ReadonlyMap<NodeName, ReadonlyMap<string, InitReading>>;

export interface EdgesExamined {
  readonly live: LiveState;
  readonly inits: Inits;
  readonly edges: readonly EdgeStatus[];
}

const initsOf = async (nodes: OpenNodes, live: LiveState): Promise<Inits> => {
  const inits = new Map<NodeName, ReadonlyMap<string, InitReading>>();
  for (const node of Object.keys(live.nodes)) {
    const session = nodes.metadata.get(node);
    const readings = session === undefined ? [] : await readInits(session, node);
    inits.set(node, new Map(readings.map((reading) => [reading.subscription, reading])));
  }
  return inits;
};

const errorsOf = ({ applyErrors, syncErrors }: EdgeFacts): number =>
  (applyErrors ?? 0) + (syncErrors ?? 0);

const publishedTo = async (
  edge: EdgeName,
  nodes: OpenNodes,
  live: LiveState,
): Promise<Published | null> => {
  const spec = liveSubscription(live, edge)?.spec;
  const source = spec?.source ?? null;
  if (spec === undefined || source === null || live.nodes[source] === undefined) return null;
  const session = nodes.sessions.get(source);
  return session === undefined ? null : readPublished(session, spec.publications);
};

interface Look {
  readonly project: Project;
  readonly nodes: OpenNodes;
  readonly inits: Inits;
  readonly live: LiveState;
}

const factsOf = async (edge: EdgeName, { project, nodes, inits, live }: Look): Promise<EdgeFacts> =>
  edgeFacts(edge, {
    desired: project.desired,
    live,
    init: inits.get(edge.node)?.get(edge.subscription) ?? null,
    errorsMoving: null,
    published: await publishedTo(edge, nodes, live),
  });

const allFacts = (edges: readonly EdgeName[], look: Look): Promise<readonly EdgeFacts[]> =>
  edges.reduce<Promise<readonly EdgeFacts[]>>(
    async (before, edge) => [...(await before), await factsOf(edge, look)],
    Promise.resolve([]),
  );

/** Something failed at some time, or no worker runs, which may be a moment between two tries. */
const isDoubtful = (edge: EdgeFacts): boolean =>
  edge.enabled && (errorsOf(edge) > 0 || edge.workerRunning === false);

/** A second look where the first one cannot tell: does something fail now, does no worker run for longer? */
const lookTwice = async (
  first: readonly EdgeFacts[],
  look: Look,
  runtime: RuntimeEnvironment,
): Promise<readonly EdgeFacts[]> => {
  if (!first.some(isDoubtful)) return first;
  await delay(secondLookMs);
  const later = { ...look, live: await readLive(look.project, look.nodes, runtime) };
  const second = await allFacts(first, later);
  return second.map((after, index) => {
    const before = first[index] ?? after;
    return {
      ...after,
      workerRunning:
        after.workerRunning === false && before.workerRunning === true ? true : after.workerRunning,
      errorsMoving: errorsOf(after) > errorsOf(before),
    };
  });
};

/** Reads every node that is open; an edge whose ends could not be read is `unknown`. Takes 6 s longer where something fails. */
export const examineEdges = async (
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<EdgesExamined> => {
  const live = await readLive(project, nodes, runtime);
  const inits = await initsOf(nodes, live);
  const look = { project, nodes, inits, live };
  const first = await allFacts(edgeNames(project.desired, live), look);
  const facts = await lookTwice(first, look, runtime);
  const { maxLag } = project.desired.policy;
  const edges = facts.map((edge) => ({ ...edge, verdict: judgeEdge(edge, maxLag) }));
  return { live, inits, edges };
};
