// Asks publishers what the rows of the copies of a plan weigh, and how fast they come, for a limited time. A plan without
// copies asks nothing.

import { lineSpeed, readSpeed } from '../../catalog/sample/copy-speed.ts';
import { sampleRows } from '../../catalog/sample/sample-rows.ts';
import type { RowSample, TriedSpeed, WantedSample } from '../../model/plan/row-sample.ts';
import { type Address, type NodeName, parseAddress } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { rowsToSample } from '../../planner/reading/rows-to-sample.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';

/** Milliseconds on each node. */
export interface ProbeLimits {
  readonly sampleMs: number;
  readonly speedMs: number;
}

/** Of 300 in all: the rest is for the round trips. */
export const usualProbe: ProbeLimits = { sampleMs: 150, speedMs: 100 };

/** Bytes. A copy of less is over before a rate matters. */
const smallestCopy = 1024 * 1024;

interface Timed extends ProbeLimits {
  /** Milliseconds since any fixed point. */
  readonly clock: () => number;
}

/** The largest table of whose copies no rate is known. */
const timedTable = (
  wanted: readonly WantedSample[],
  { desired }: Project,
  live: LiveState,
): WantedSample | null => {
  if (desired.policy.copyRate !== null) return null;
  const unknown = wanted.filter(({ address }) => {
    const copies = live.nodes[parseAddress(address).node]?.pace.copies ?? [];
    return copies.length === 0;
  });
  const [largest] = unknown.toSorted((a, b) => b.size - a.size);
  return largest === undefined || largest.size < smallestCopy ? null : largest;
};

const askSource = async (
  source: NodeName,
  wanted: readonly WantedSample[],
  project: Project,
  live: LiveState,
  { sessions }: OpenNodes,
  { clock, sampleMs, speedMs }: Timed,
) => {
  const session = sessions.get(source);
  if (session === undefined) return { samples: [], speed: null };
  const samples = [...(await sampleRows(session, wanted, { budgetMs: sampleMs, clock }))];
  const largest = timedTable(wanted, project, live);
  if (largest === null) return { samples, speed: null };
  const read = await readSpeed(session, largest, { budgetMs: speedMs, clock });
  const line = read === null ? null : await lineSpeed(session, clock);
  return { samples, speed: { source, target: parseAddress(largest.address).node, read, line } };
};

/** Adds to what was read what the copies of a plan will take. */
export const probeCopies = async (
  live: LiveState,
  project: Project,
  nodes: OpenNodes,
  again: boolean,
  timed: Timed,
): Promise<LiveState> => {
  const wanted = rowsToSample(project.desired, live, again);
  if (wanted.length === 0) return live;
  const bySource = [...Map.groupBy(wanted, ({ source }) => source)];
  const asked = await Promise.all(
    bySource.map(([source, its]) => askSource(source, its, project, live, nodes, timed)),
  );
  const samples: [Address, RowSample][] = asked.flatMap((it) => it.samples);
  const speeds: Record<NodeName, TriedSpeed> = {};
  for (const { speed } of asked) {
    if (speed === null || speed.read === null) continue;
    const { source, target, read, line } = speed;
    speeds[source] = { read, line };
    const subscriber = nodes.sessions.get(target);
    if (subscriber === undefined || target in speeds) continue;
    speeds[target] = { read: null, line: await lineSpeed(subscriber, timed.clock) };
  }
  return { ...live, probes: { samples: Object.fromEntries(samples), speeds } };
};
