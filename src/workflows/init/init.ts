// The init commands as runs of apply: which subscriptions of the file they are about, and what is asked of each.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { PlanOptions } from '../../model/plan/plan.ts';
import { addressOf, patternOf } from '../../model/state/address.ts';
import type { DesiredState, DesiredSubscription } from '../../model/state/state.ts';
import { didYouMean } from '../../topology/validate/did-you-mean.ts';
import { apply } from '../apply/apply.ts';
import type { ApplyRequest, ApplyResult } from '../apply/apply-request.ts';
import { loadFile } from '../load.ts';
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

/** How an init command is applied: what of the file is chosen by the command itself. */
export type InitRequest = Omit<ApplyRequest, 'planFile' | 'expectPlanId'>;

const usage = (message: string, suggestions: readonly string[] = []): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions });

/** What the file has of a choice: maybe nothing. @throws SteepError USAGE for a node that it does not have. */
export const inFile = (
  { node, from, subscription }: InitChoice,
  { nodes, subscriptions }: DesiredState,
): readonly DesiredSubscription[] => {
  const nodeNames = nodes.map(({ name }) => name);
  for (const name of [node, ...(from === null ? [] : [from])]) {
    if (!nodeNames.includes(name))
      throw usage(`steep.yaml has no node ${name}.`, didYouMean(name, nodeNames));
  }
  return subscriptions
    .filter((sub) => sub.node === node)
    .filter(({ source }) => from === null || source === from)
    .filter(({ name }) => subscription === undefined || name === subscription);
};

/** Of a choice that names nothing. */
export const nothingChosen = (
  { node, from, subscription }: InitChoice,
  { subscriptions }: DesiredState,
): SteepError => {
  const into = subscriptions.filter((sub) => sub.node === node);
  if (subscription !== undefined) {
    const names = into.map(({ name }) => name);
    return usage(`steep.yaml has no subscription ${subscription} on node ${node}.`, names);
  }
  const sources = [...new Set(into.map(({ source }) => source))];
  return usage(
    `The file has no subscription of node ${node}${from === null ? '' : ` from ${from}`}.`,
    sources.length === 0 ? [] : [`It gets its rows from ${sources.join(', ')}.`],
  );
};

/** @throws SteepError USAGE for a node that the file does not have, or that gets nothing from the source. */
const chosen = (
  choice: InitChoice,
  file: string,
  runtime: RuntimeEnvironment,
): readonly DesiredSubscription[] | null => {
  const { topology } = loadFile(file, runtime);
  if (topology === null) return null;
  const found = inFile(choice, topology.desired);
  if (found.length === 0) throw nothingChosen(choice, topology.desired);
  return found;
};

export const addressesOf = (
  subs: readonly Pick<DesiredSubscription, 'node' | 'name'>[],
): readonly string[] =>
  subs.map(({ node, name }) => patternOf(addressOf(node, 'subscription', name)));

/** Runs apply on these subscriptions; a file with errors is told by apply itself. */
export const applyTo = (
  request: InitRequest,
  target: readonly string[],
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
  request: InitRequest,
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
  request: InitRequest,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const subs = chosen(choice, request.file, runtime) ?? [];
  return applyTo(request, addressesOf(subs), { reinit: reinitAddresses(subs, choice) }, runtime);
};
