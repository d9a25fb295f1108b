// The init commands as runs of apply: which subscriptions of the file they are about, and what is asked of each.

import { requestCancel } from '../../metadata/request-cancel.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { PlanOptions } from '../../model/plan/plan.ts';
import { type Address, addressOf } from '../../model/state/address.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { didYouMean } from '../../topology/validate/did-you-mean.ts';
import { apply } from '../apply/apply.ts';
import type { ApplyRequest, ApplyResult } from '../apply/apply-request.ts';
import { loadFile } from '../load.ts';
import { openNodes } from '../nodes.ts';
import type { WantedText } from '../plan/wanted-tables.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { reinitTables } from './reinit-addresses.ts';

/** The edges of an init command: into a node, from one of its sources or from all (null). */
export interface InitChoice {
  readonly node: string;
  readonly from: string | null;
  /** Of these only the one of this name; default: all. */
  readonly subscription?: string;
}

type Request = Omit<ApplyRequest, 'planFile' | 'expectPlanId'>;

const usage = (message: string, suggestions: readonly string[] = []): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions });

/** @throws SteepError USAGE for a node that the file does not have, or that gets nothing from the source. */
const chosen = (
  { node, from, subscription }: InitChoice,
  file: string,
  runtime: RuntimeEnvironment,
): readonly DesiredSubscription[] | null => {
  const { topology } = loadFile(file, runtime);
  if (topology === null) return null;
  const { nodes, subscriptions } = topology.desired;
  const nodeNames = nodes.map(({ name }) => name);
  for (const name of [node, ...(from === null ? [] : [from])]) {
    if (!nodeNames.includes(name))
      throw usage(`steep.yaml has no node ${name}.`, didYouMean(name, nodeNames));
  }
  const into = subscriptions.filter((sub) => sub.node === node);
  const found = into
    .filter(({ source }) => from === null || source === from)
    .filter(({ name }) => subscription === undefined || name === subscription);
  if (found.length > 0) return found;
  if (subscription !== undefined) {
    const names = into.map(({ name }) => name);
    throw usage(`steep.yaml has no subscription ${subscription} on node ${node}.`, names);
  }
  const sources = [...new Set(into.map(({ source }) => source))];
  throw usage(
    `The file has no subscription of node ${node}${from === null ? '' : ` from ${from}`}.`,
    sources.length === 0 ? [] : [`It gets its rows from ${sources.join(', ')}.`],
  );
};

const addressesOf = (subs: readonly DesiredSubscription[]): readonly Address[] =>
  subs.map(({ node, name }) => addressOf(node, 'subscription', name));

/** Runs apply on these subscriptions; a file with errors is told by apply itself. */
const applyTo = (
  request: Request,
  target: readonly Address[],
  options: Partial<PlanOptions>,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> =>
  apply(
    {
      ...request,
      planFile: null,
      expectPlanId: null,
      options: { ...request.options, ...options, target },
    },
    runtime,
  );

/** Brings a node to synchronized: its subscriptions, and all that they need. */
export const initAuto = (
  choice: InitChoice,
  request: Request,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> =>
  applyTo(request, addressesOf(chosen(choice, request.file, runtime) ?? []), {}, runtime);

export interface ResetChoice extends InitChoice {
  /** Both null: everything. */
  readonly wanted: WantedText;
}

/** Of one subscription its own copies; of several, those of whichever brings the table. */
const reinitAddresses = (
  subs: readonly DesiredSubscription[],
  { node, wanted }: ResetChoice,
): readonly string[] => {
  const [only, ...others] = subs;
  const of = only === undefined || others.length > 0 ? null : only.name;
  return reinitTables(node, of, wanted) ?? addressesOf(subs);
};

/** Empties and copies again. */
export const initReset = (
  choice: ResetChoice,
  request: Request,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const subs = chosen(choice, request.file, runtime) ?? [];
  return applyTo(request, addressesOf(subs), { reinit: reinitAddresses(subs, choice) }, runtime);
};

/** The run that makes the copies sees it within a second, and rolls back what it has made. */
const ask = async (
  { node }: InitChoice,
  subs: readonly DesiredSubscription[],
  file: string,
  runtime: RuntimeEnvironment,
): Promise<void> => {
  const { topology } = loadFile(file, runtime);
  if (topology === null) return;
  const { desired, connections } = topology;
  const only = desired.nodes.filter(({ name }) => name === node);
  const opened = await openNodes(only, connections, asked, runtime);
  try {
    const session = opened.metadata.get(node);
    if (session !== undefined)
      await requestCancel(
        session,
        node,
        subs.map(({ name }) => name),
      );
  } finally {
    await opened.close();
  }
};

const asked = { applicationName: 'steep init cancel', readOnly: false };

/**
 * Ends initial copies that are under way: a run that makes them is asked to stop, and what is left once its lock is
 * free is rolled back here.
 */
export const initCancel = (
  choice: InitChoice,
  request: Request,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const subs = chosen(choice, request.file, runtime) ?? [];
  const approve: Request['approve'] = async (hazards) => {
    const answer = await request.approve(hazards);
    if (answer.approved) await ask(choice, subs, request.file, runtime);
    return answer;
  };
  const cancel = addressesOf(subs);
  return applyTo({ ...request, approve }, cancel, { cancel }, runtime);
};
