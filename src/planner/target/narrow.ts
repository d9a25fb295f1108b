// --target and --exclude: of everything that could be done, what is asked for and all that it needs. What is
// kept can be executed alone and leaves every edge it touches sound. Pure.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { compareText } from '../../model/identifier.ts';
import type { FoundHazard } from '../../model/plan/hazard.ts';
import type { PlanOptions, Targeting } from '../../model/plan/plan.ts';
import { type Address, addressOf, type NodeName, parseAddress } from '../../model/state/address.ts';
import type { PlanContext } from '../context/context.ts';
import type { RuleResult } from '../draft.ts';
import { closureOf, dependentsOf, type Reached } from './closure.ts';
import { knownAddresses, matching, unreadNamed } from './named.ts';
import { footing, requirementsOf, unitOf } from './requirements.ts';

/** What of a whole plan is kept, and how to tell whether something concerns it. */
export interface Narrowed {
  readonly result: RuleResult;
  readonly hazardsOf: (found: readonly FoundHazard[]) => readonly FoundHazard[];
  readonly errorsOf: (found: readonly Diagnostic[]) => readonly Diagnostic[];
  /** Undefined: nothing was left out. */
  readonly targeting?: Targeting;
}

/** The whole plan keeps everything. */
export const everything = (result: RuleResult): Narrowed => ({
  result,
  hazardsOf: (found) => found,
  errorsOf: (found) => found,
});

export interface NarrowInput {
  readonly options: PlanOptions;
  /** Addresses that are kept whatever the options say: of a plan that was reviewed before. */
  readonly scope: readonly Address[];
  readonly context: PlanContext;
  readonly result: RuleResult;
}

interface Choice {
  /** What is kept, and what asked for it. */
  readonly kept: Reached;
  /** What is left out since it needs what is excluded. */
  readonly barred: Reached;
  /** Every node that the kept part depends on. */
  readonly nodes: ReadonlySet<NodeName>;
}

const choose = ({ options, scope, context, result }: NarrowInput): Choice => {
  const { target = [], exclude = [] } = options;
  const { desired, live, want } = context;
  const own = options.change === undefined ? [] : [options.change.address];
  const all = [...new Set([...knownAddresses(desired, live), ...want.keys(), ...own])];
  const named = (patterns: readonly string[]): readonly Address[] =>
    matching(patterns, all).map((address) => unitOf(address, context));
  const units = all.map((address) => unitOf(address, context));
  const relation = requirementsOf(result.steps, context);
  const ground = [...relation, ...footing(new Set(units), context)];
  const barred = dependentsOf(named(exclude), ground);
  const asked = target.length === 0 ? units : [...named(target), ...unreadNamed(target, live)];
  const kept = closureOf([...asked.filter((address) => !barred.has(address)), ...scope], relation);
  const standsOn = closureOf(kept.keys(), ground).keys();
  const nodes = new Set([...standsOn].map((address) => parseAddress(address).node));
  return { kept, barred, nodes };
};

const changingUnits = ({ result, context }: NarrowInput): readonly Address[] => {
  const changed = result.changes.filter(({ action }) => action !== 'left');
  const addresses = [
    ...changed.map(({ resource }) => resource.address),
    ...result.steps.map(({ address }) => address),
  ];
  return [...new Set(addresses.map((address) => unitOf(address, context)))].toSorted(compareText);
};

/** Readers of a publication that is kept: what happens to it happens to them. Those of which nothing is planned, too. */
const readersOfKept = (result: RuleResult, { desired }: PlanContext): readonly Address[] => {
  const touched = new Set(result.steps.map(({ address }) => address));
  return desired.subscriptions
    .filter(({ source, publications }) =>
      publications.some((name) => touched.has(addressOf(source, 'publication', name))),
    )
    .map(({ node, name }) => addressOf(node, 'subscription', name));
};

const told = (
  changing: readonly Address[],
  { kept, barred }: Choice,
): Omit<Targeting, 'unread'> => ({
  takenIn: changing.flatMap((address) => {
    const neededBy = kept.get(address) ?? null;
    return neededBy === null ? [] : [{ address, neededBy }];
  }),
  leftOut: changing
    .filter((address) => !kept.has(address))
    .map((address) => ({ address, needs: barred.get(address) ?? null })),
});

/** Whether the plan is also about what changes at, or is found at, an address. */
const keeper =
  ({ context, options }: NarrowInput, { kept, barred }: Choice) =>
  (address: Address): boolean => {
    const unit = unitOf(address, context);
    const isRest = (options.target ?? []).length === 0 && !barred.has(unit);
    return kept.has(unit) || isRest;
  };

/** What is said of a table is said of the merge of a pair, which one of its directions brings along. */
const isMergedOn = (
  node: NodeName,
  keeps: (address: Address) => boolean,
  { desired }: PlanContext,
): boolean => {
  const merged = desired.subscriptions.filter(({ merge }) => merge !== undefined);
  const kept = merged.filter((sub) => keeps(addressOf(sub.node, 'subscription', sub.name)));
  const pairs = new Set(kept.map(({ pair }) => pair?.name));
  return merged.some((sub) => sub.node === node && pairs.has(sub.pair?.name));
};

/** Keeps of a whole plan what the options name. */
export const narrow = (input: NarrowInput): Narrowed => {
  const { context, result } = input;
  const choice = choose(input);
  const keeps = keeper(input, choice);
  const kept: RuleResult = {
    changes: result.changes.filter(({ resource }) => keeps(resource.address)),
    steps: result.steps.filter(({ address }) => keeps(address)),
    hazards: result.hazards.filter(({ address }) => keeps(address)),
  };
  const changing = changingUnits(input);
  const leftOut = new Set(changing.filter((address) => !keeps(address)));
  const affected = new Set(readersOfKept(kept, context).filter((it) => !leftOut.has(it)));
  const concerns = (address: Address): boolean => {
    const { node, kind } = parseAddress(address);
    if (kind === 'node' || kind === 'metadata') return choice.nodes.has(node);
    if (kind === 'table') return isMergedOn(node, keeps, context);
    return keeps(address) || affected.has(unitOf(address, context));
  };
  return {
    result: kept,
    hazardsOf: (found) => found.filter(({ address }) => concerns(address)),
    errorsOf: (found) => found.filter(({ address }) => address === undefined || concerns(address)),
    targeting: { ...told(changing, choice), unread: unreadOf(context, choice) },
  };
};

/** Nodes that could not be read, and that nothing of the plan depends on. */
const unreadOf = ({ live }: PlanContext, { nodes }: Choice): readonly NodeName[] =>
  Object.keys(live.unreadable).filter((node) => !nodes.has(node));
