// The merge of a pair as a run of apply, or as its plan alone. steep.yaml decides how it is merged: who asks for it from
// somewhere else may say what it must decide, so that a file that says something else merges nothing.

import { SteepError } from '../../model/errors.ts';
import { compareText, formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { DesiredState, DesiredSubscription } from '../../model/state/state.ts';
import { apply } from '../apply/apply.ts';
import type { ApplyRequest, ApplyResult } from '../apply/apply-request.ts';
import { assertInFile } from '../assert-in-file.ts';
import { loadFile } from '../load.ts';
import { type PlanResult, plan } from '../plan/plan.ts';
import { readWanted } from '../plan/wanted-tables.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

export interface WantedMerge {
  readonly node: NodeName;
  /** The other node of the pair. */
  readonly peer: NodeName;
  /** That the pair must have; null: whatever it has. */
  readonly tables: readonly string[] | null;
  /** That the pair must have; null: whatever it has. */
  readonly strategy: string | null;
}

const refused = (message: string, ...suggestions: readonly string[]): SteepError =>
  new SteepError('WORK_INVALID', message, { exit: ExitCode.usage, suggestions });

type Merged = DesiredSubscription & Required<Pick<DesiredSubscription, 'merge'>>;

const isMerged = (sub: DesiredSubscription): sub is Merged =>
  sub.init === 'merge' && sub.merge !== undefined && sub.pair !== null;

/** Both directions. @throws SteepError WORK_INVALID where the file has no such pair, or not exactly one. */
const directionsOf = ({ node, peer }: WantedMerge, desired: DesiredState): readonly Merged[] => {
  assertInFile(node, desired.nodes);
  assertInFile(peer, desired.nodes);
  const found = desired.subscriptions
    .filter(isMerged)
    .filter((sub) => [sub.node, sub.source].toSorted().join() === [node, peer].toSorted().join());
  const pairs = new Set(found.map(({ pair }) => pair?.name));
  if (pairs.size === 1) return found;
  throw refused(
    `steep.yaml has ${pairs.size === 0 ? 'no pair' : 'several pairs'} of ${node} and ${peer} with init: { method: merge }.`,
    pairs.size === 0 ? 'Declare it in the steep.yaml of the worker.' : 'Use steep apply --target.',
  );
};

/** Null: it has patterns, which only the servers resolve. */
const tablesOf = (subs: readonly Merged[], desired: DesiredState): readonly string[] | null => {
  const sent = desired.publications.filter(({ node, name }) =>
    subs.some((sub) => sub.source === node && sub.publications.includes(name)),
  );
  const selectors = sent.flatMap(({ tables }) => tables);
  const names = selectors.flatMap((it) => (it.kind === 'table' ? [formatName(it.table)] : []));
  const isListed = names.length === selectors.length && sent.every((it) => it.schemas.length === 0);
  return isListed ? [...new Set(names)].sort(compareText) : null;
};

const assertWanted = (
  { tables, strategy }: WantedMerge,
  subs: readonly Merged[],
  desired: DesiredState,
): void => {
  const [first] = subs;
  const actual = first?.merge.rule.strategy;
  if (strategy !== null && strategy !== actual) {
    throw refused(
      `The strategy of the pair is ${actual}, not ${strategy}.`,
      'Change it in the steep.yaml of the worker, or leave it out.',
    );
  }
  if (tables === null) return;
  const wanted = (readWanted({ tables, schemas: null }).tables ?? []).map(formatName);
  const declared = tablesOf(subs, desired);
  if (declared?.join('\n') === [...new Set(wanted)].sort(compareText).join('\n')) return;
  throw refused(
    declared === null
      ? 'The tables of the pair are patterns, so that they cannot be compared with names.'
      : `The tables of the pair are ${declared.join(', ')}.`,
    'Name exactly these, or leave them out.',
  );
};

/** Null: the file is not valid, which plan and apply say themselves. */
const targetOf = (
  wanted: WantedMerge,
  file: string,
  runtime: RuntimeEnvironment,
): readonly Address[] => {
  const { topology } = loadFile(file, runtime);
  if (topology === null) return [];
  const subs = directionsOf(wanted, topology.desired);
  assertWanted(wanted, subs, topology.desired);
  return subs.map(({ node, name }) => addressOf(node, 'subscription', name));
};

/** @throws SteepError WORK_INVALID where the file does not say what is wanted; else as apply does. */
export const mergeOnePair = (
  wanted: WantedMerge,
  request: Omit<ApplyRequest, 'planFile' | 'expectPlanId'>,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const options = { ...request.options, target: targetOf(wanted, request.file, runtime) };
  return apply({ ...request, options, planFile: null, expectPlanId: null }, runtime);
};

/** What it would do. Read-only. @throws as mergeOnePair does. */
export const planMerge = (
  wanted: WantedMerge,
  file: string,
  runtime: RuntimeEnvironment,
): Promise<PlanResult> =>
  plan(
    { file, options: { prune: false, target: targetOf(wanted, file, runtime) }, out: null },
    runtime,
  );
