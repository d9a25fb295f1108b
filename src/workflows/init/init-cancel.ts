// steep init cancel: ends initial copies that are under way, and removes what interrupted ones have left, also of
// subscriptions that the file does not have any more.

import { readInits } from '../../catalog/copies/read-inits.ts';
import { requestCancel } from '../../metadata/request-cancel.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import type { LoadedTopology } from '../../topology/load.ts';
import type { ApplyResult } from '../apply/apply-request.ts';
import { loadFile } from '../load.ts';
import { type OpenNodesOptions, openNodes } from '../nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import {
  addressesOf,
  applyTo,
  type InitChoice,
  type InitRequest,
  inFile,
  nothingChosen,
} from './init.ts';

type Topology = NonNullable<LoadedTopology['topology']>;

type Chosen = Pick<DesiredSubscription, 'node' | 'name'>;

const openOne = (
  node: string,
  { desired, connections }: Topology,
  options: OpenNodesOptions,
  runtime: RuntimeEnvironment,
) =>
  openNodes(
    desired.nodes.filter(({ name }) => name === node),
    connections,
    options,
    runtime,
  );

const reading = { applicationName: 'steep init cancel', readOnly: true };

const over: ReadonlySet<string> = new Set(['uninitialized', 'synchronized']);

/**
 * Copies of subscriptions that the file does not have, as steep_repl of the node remembers them.
 * @throws SteepError why the node cannot be read, where nothing else is chosen.
 */
const leftCopies = async (
  { node, from, subscription }: InitChoice,
  topology: Topology,
  alone: boolean,
  runtime: RuntimeEnvironment,
): Promise<readonly Chosen[]> => {
  const known = new Set(
    topology.desired.subscriptions.filter((sub) => sub.node === node).map(({ name }) => name),
  );
  const opened = await openOne(node, topology, reading, runtime);
  try {
    const session = opened.metadata.get(node);
    if (session === undefined) {
      if (alone) throw unreadError(opened.unreadable[node], `Node ${node} is not open.`);
      return [];
    }
    return (await readInits(session, node))
      .filter((init) => !known.has(init.subscription) && !over.has(init.state))
      .filter(({ source }) => from === null || source === from)
      .filter((init) => subscription === undefined || init.subscription === subscription)
      .map((init) => ({ node, name: init.subscription }));
  } finally {
    await opened.close();
  }
};

/** @throws SteepError USAGE for a node that the file does not have, or into which nothing is copied. */
const toCancel = async (
  choice: InitChoice,
  topology: Topology,
  runtime: RuntimeEnvironment,
): Promise<readonly Chosen[]> => {
  const asked = inFile(choice, topology.desired);
  const left = await leftCopies(choice, topology, asked.length === 0, runtime);
  const found = [...asked, ...left];
  if (found.length === 0) throw nothingChosen(choice, topology.desired);
  return found;
};

const asking = { applicationName: 'steep init cancel', readOnly: false };

/** The run that makes the copies sees it within a second, and rolls back what it has made. */
const ask = async (
  { node }: InitChoice,
  subs: readonly Chosen[],
  topology: Topology,
  runtime: RuntimeEnvironment,
): Promise<void> => {
  const opened = await openOne(node, topology, asking, runtime);
  const names = subs.map(({ name }) => name);
  try {
    const session = opened.metadata.get(node);
    if (session !== undefined) await requestCancel(session, node, names);
  } finally {
    await opened.close();
  }
};

/**
 * Ends initial copies that are under way: a run that makes them is asked to stop, and what is left once its lock is
 * free is rolled back here. A file with errors is told by apply itself.
 */
export const initCancel = async (
  choice: InitChoice,
  request: InitRequest,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const { topology } = loadFile(request.file, runtime);
  const subs = topology === null ? [] : await toCancel(choice, topology, runtime);
  const approve: InitRequest['approve'] = async (hazards) => {
    const answer = await request.approve(hazards);
    if (answer.approved && topology !== null) await ask(choice, subs, topology, runtime);
    return answer;
  };
  const cancel = addressesOf(subs);
  return applyTo({ ...request, approve }, cancel, { cancel }, runtime);
};
