// Compares the rows of pairs that are about to be merged, without locks: what a merge would do, for the plan.

import { readBroughtBy } from '../../catalog/repair/read-merge-facts.ts';
import { readRepairFacts } from '../../catalog/repair/read-repair-facts.ts';
import type { BothNodes } from '../../merge/merged-table.ts';
import { readWrittenMerge } from '../../metadata/merge-state.ts';
import type { MergeNodeReading, MergeReading, MergeSide } from '../../model/state/merge.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { LiveState, NodeState } from '../../model/state/state.ts';
import { type MergeToRead, mergesToRead } from '../../planner/reading/merges-to-read.ts';
import type { Session } from '../../postgres/session.ts';
import { compareToMerge } from '../merge/compare-to-merge.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

/** Adds what was read of each pair that is about to be merged, as far as both nodes are open. */
export const readMerges = async (
  live: LiveState,
  { desired }: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<LiveState> => {
  const found: [string, MergeReading][] = [];
  for (const merge of mergesToRead(desired, live)) {
    const [a, b] = [live.nodes[merge.a], live.nodes[merge.b]];
    if (a === undefined || b === undefined) continue;
    found.push([merge.forth.address, await readMerge(merge, { a, b }, nodes, runtime)]);
  }
  return found.length === 0 ? live : { ...live, merges: Object.fromEntries(found) };
};

const sessionOf = (sessions: ReadonlyMap<string, Session>, node: string): Session => {
  const session = sessions.get(node);
  if (session === undefined) throw new Error(`node ${node} is not open`);
  return session;
};

const readMerge = async (
  merge: MergeToRead,
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
  const tables = written === 'none' ? await compareToMerge(merge, rows, runtime) : [];
  return { written, tables, nodes: both };
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
  const { role, metadataDatabase } = states[side].server;
  return {
    ...(await readRepairFacts(rows[side], tables)),
    replicaRole: role.sessionReplicationRole || role.superuser,
    auditBeside: metadataDatabase === null && metadata.get(node) === rows[side],
    broughtBy: await readBroughtBy(rows[side], tables, own.name),
  };
};
