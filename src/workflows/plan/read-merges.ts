// Compares the rows of pairs that are about to be merged, without locks: what a merge would do, for the plan.

import { readMergeRuns } from '../../catalog/metadata/read-merge-runs.ts';
import { readBroughtBy } from '../../catalog/repair/read-merge-facts.ts';
import { readRepairFacts } from '../../catalog/repair/read-repair-facts.ts';
import type { BothNodes } from '../../merge/merged-table.ts';
import { readWrittenMerge } from '../../metadata/merge-state.ts';
import type { Address } from '../../model/state/address.ts';
import type { MergeNodeReading, MergeReading, MergeSide } from '../../model/state/merge.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { LiveState, NodeState } from '../../model/state/state.ts';
import {
  type MergeToRead,
  mergesInPlace,
  mergesToRead,
} from '../../planner/reading/merges-to-read.ts';
import type { Session } from '../../postgres/session.ts';
import { compareToMerge } from '../merge/compare-to-merge.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { readDecisionsFile } from './read-decisions.ts';

/** Adds what was read of each pair that is about to be merged, as far as both nodes are open. */
export const readMerges = async (
  live: LiveState,
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<LiveState> => {
  const { desired } = project;
  const found: [string, MergeReading][] = [];
  for (const merge of mergesToRead(desired, live)) {
    const [a, b] = [live.nodes[merge.a], live.nodes[merge.b]];
    if (a === undefined || b === undefined) continue;
    found.push([merge.forth.address, await readMerge(merge, project, { a, b }, nodes, runtime)]);
  }
  const unmerged = await readUnmerged(live, desired, nodes);
  return {
    ...live,
    ...(found.length > 0 && { merges: Object.fromEntries(found) }),
    ...(unmerged.length > 0 && { unmerged }),
  };
};

/** A subscription that was dropped and created again keeps its address, and so what is on record of it. */
const readUnmerged = async (
  live: LiveState,
  desired: Project['desired'],
  { metadata }: OpenNodes,
): Promise<readonly Address[]> => {
  const unmerged: Address[] = [];
  for (const { b, forth } of mergesInPlace(desired, live)) {
    const [state, session] = [live.nodes[b], metadata.get(b)];
    if (state === undefined || session === undefined) continue;
    const runs = await readMergeRuns(session, state.server.metadataVersion, forth.address);
    const isMerged = runs.some((run) => run.state === 'written' || run.state === 'completed');
    if (!isMerged) unmerged.push(forth.address);
  }
  return unmerged;
};

const sessionOf = (sessions: ReadonlyMap<string, Session>, node: string): Session => {
  const session = sessions.get(node);
  if (session === undefined) throw new Error(`node ${node} is not open`);
  return session;
};

const readMerge = async (
  merge: MergeToRead,
  project: Project,
  states: Readonly<Record<MergeSide, NodeState>>,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<MergeReading> => {
  const rows = { a: sessionOf(nodes.sessions, merge.a), b: sessionOf(nodes.sessions, merge.b) };
  const written = await readWritten(merge, states, nodes);
  const both = {
    a: await readNode('a', merge, states, rows, nodes),
    b: await readNode('b', merge, states, rows, nodes),
  };
  // What an interrupted merge has committed decides the rest.
  const { file, made } = readDecisionsFile(project, merge.settings.decisions);
  const asked = { ...merge, byHand: made };
  const tables = written === 'none' ? await compareToMerge(merge.tables, asked, rows, runtime) : [];
  return { decisions: file, written, tables, nodes: both };
};

/** Which of both nodes have committed the rows of a merge. */
export const readWritten = async (
  { a, b, forth, back }: MergeToRead,
  states: Readonly<Record<MergeSide, NodeState>>,
  { metadata }: OpenNodes,
): Promise<MergeReading['written']> => {
  const isInstalled = Object.values(states).every(
    ({ server }) => server.metadataVersion === metadataVersion,
  );
  if (!isInstalled) return 'none';
  const ofA = await readWrittenMerge(sessionOf(metadata, a), {
    address: back.address,
    subscription: back.name,
    peer: b,
  });
  const ofB = await readWrittenMerge(sessionOf(metadata, b), {
    address: forth.address,
    subscription: forth.name,
    peer: a,
  });
  if (ofA === null) return 'none';
  return ofA.runId === ofB?.runId ? 'both' : 'first';
};

const readNode = async (
  side: MergeSide,
  { a, b, forth, back, tables }: MergeToRead,
  states: Readonly<Record<MergeSide, NodeState>>,
  rows: BothNodes,
  { metadata }: OpenNodes,
): Promise<MergeNodeReading> => {
  const [node, own] = side === 'a' ? [a, back] : [b, forth];
  const { metadataDatabase } = states[side].server;
  return {
    ...(await readRepairFacts(rows[side], tables)),
    auditBeside: metadataDatabase === null && metadata.get(node) === rows[side],
    broughtBy: await readBroughtBy(rows[side], tables, own.name),
  };
};
