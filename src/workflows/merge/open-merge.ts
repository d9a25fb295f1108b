// A pair as the commands of merge see it: its two nodes, read-only, and how far its merge is.

import type { HandDecisions } from '../../merge/hand-decisions.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import { interruption } from '../../model/plan/interruption.ts';
import type { MergeState } from '../../model/report/merge.ts';
import { type Address, addressOf } from '../../model/state/address.ts';
import type { DesiredSubscription, LiveState, NodeState } from '../../model/state/state.ts';
import { type MergeToRead, mergesToRead } from '../../planner/reading/merges-to-read.ts';
import type { Session } from '../../postgres/session.ts';
import { loadFile } from '../load.ts';
import { type OpenNodes, openNodes } from '../nodes.ts';
import { readDecisionsFile } from '../plan/read-decisions.ts';
import { readCatalogs } from '../plan/read-live.ts';
import { readWritten } from '../plan/read-merges.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { mergeNamed, type NamedMerge } from './merge-pairs.ts';

export interface MergeRequest {
  /** Path of steep.yaml. */
  readonly file: string;
  readonly pair: string;
  readonly signal: AbortSignal;
}

export interface MergeResult<Report> {
  readonly diagnostics: readonly Diagnostic[];
  /** Null: the file is not valid. */
  readonly report: Report | null;
}

/** One node of the pair. */
export interface OpenEnd {
  readonly node: string;
  /** Of the subscription of this node. */
  readonly address: Address;
  readonly session: Session;
  readonly metadata: Session;
  readonly metadataVersion: number;
}

export interface OpenMerge {
  readonly name: string;
  readonly a: OpenEnd;
  readonly b: OpenEnd;
  readonly state: MergeState;
  /** Null: there is nothing to merge. */
  readonly toRead: MergeToRead | null;
  /** Of tables with the strategy manual. */
  readonly byHand: HandDecisions;
}

/** @throws SteepError USAGE (exit 64); NODE_UNREADABLE; INTERRUPTED. */
export const withMerge = async <Report>(
  { file, pair, signal }: MergeRequest,
  applicationName: string,
  runtime: RuntimeEnvironment,
  body: (merge: OpenMerge) => Promise<Report>,
): Promise<MergeResult<Report>> => {
  const { topology, diagnostics } = loadFile(file, runtime, { skipConnections: true });
  if (topology === null) return { diagnostics, report: null };
  const named = mergeNamed(pair, topology.desired);
  const opened = { applicationName, readOnly: true, interrupt: signal };
  const nodes = await openNodes(topology.desired.nodes, topology.connections, opened, runtime);
  try {
    const live = await readCatalogs(topology, nodes, runtime);
    const toRead = mergesToRead(topology.desired, live).find(({ name }) => name === pair) ?? null;
    const { made } = readDecisionsFile(topology, toRead?.settings.decisions ?? null);
    const merge = await openMerge(named, { toRead, byHand: made }, live, nodes);
    return { diagnostics, report: await body(merge) };
  } catch (error) {
    throw signal.aborted ? interruption(signal, error) : error;
  } finally {
    await nodes.close();
  }
};

/** @throws SteepError NODE_UNREADABLE. */
export const openMerge = async (
  { name, back, forth }: NamedMerge,
  { toRead, byHand }: Pick<OpenMerge, 'toRead' | 'byHand'>,
  live: LiveState,
  nodes: OpenNodes,
): Promise<OpenMerge> => {
  const states = { a: stateOf(back.node, live), b: stateOf(forth.node, live) };
  const isThere = [back, forth].every((sub) => hasSubscription(sub, live));
  const state: MergeState =
    toRead === null
      ? isThere
        ? 'merged'
        : 'half'
      : stateAfter[await readWritten(toRead, states, nodes)];
  const [a, b] = [endOf(back, states.a, nodes), endOf(forth, states.b, nodes)];
  return { name, a, b, state, toRead, byHand };
};

const stateAfter = {
  none: 'to merge',
  first: 'interrupted',
  both: 'unfinished',
} as const satisfies Record<string, MergeState>;

const hasSubscription = ({ node, name }: DesiredSubscription, { nodes }: LiveState): boolean =>
  nodes[node]?.resources.some((it) => it.kind === 'subscription' && it.name === name) === true;

const stateOf = (node: string, { nodes, unreadable }: LiveState): NodeState => {
  const state = nodes[node];
  if (state !== undefined) return state;
  throw unreadError(unreadable[node], `Node ${node} was not read.`);
};

const endOf = (
  { node, name }: DesiredSubscription,
  { server: { metadataVersion } }: NodeState,
  { sessions, metadata }: OpenNodes,
): OpenEnd => {
  const [session, notes] = [sessions.get(node), metadata.get(node)];
  if (session === undefined || notes === undefined) throw new Error(`node ${node} is not open`);
  const address = addressOf(node, 'subscription', name);
  return { node, address, session, metadata: notes, metadataVersion };
};
