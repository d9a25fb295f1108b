// Judges the plan of an imported file: it may write to steep_repl, and to nothing else. Pure.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Hazard } from '../../model/plan/hazard.ts';
import { hazardKey, type Plan } from '../../model/plan/plan.ts';
import { type Address, addressOf } from '../../model/state/address.ts';
import { stepTraits } from '../../model/step/step-traits.ts';
import type { WrittenTopology } from '../../topology/written-topology.ts';
import type { LeftOut } from '../plan/left-out.ts';

/** Blocks of the file that a plan would change, or that keep it from being applied, by address. */
export const objectionsTo = (plan: Plan, topology: WrittenTopology): readonly LeftOut[] =>
  [
    ...plan.steps
      .filter(({ kind }) => !stepTraits[kind].records)
      .map(({ address, why }) => ({ address, reason: `A plan would change it: ${why}.` })),
    ...plan.errors.flatMap(({ address, detail }) =>
      address === undefined ? [] : [{ address, reason: detail }],
    ),
    ...seriousHazards(plan).map((hazard) => ({
      address: hazard.address,
      reason: `${hazard.code}: ${sentenceOf(hazard, plan)}`,
    })),
  ].flatMap(({ address, reason }) =>
    blocksAt(address, topology).map((block) => ({ address: block, reason, cure: null })),
  );

/** What will keep the plan from being applied, whatever the file leaves out: matters of the nodes themselves. */
export const obstaclesTo = (plan: Plan): readonly Diagnostic[] =>
  seriousHazards(plan).map((hazard) => ({
    severity: 'warning',
    code: hazard.code,
    summary: 'The plan of this file cannot be applied at the moment',
    detail: sentenceOf(hazard, plan),
    suggestions: hazard.remedy.split('\n'),
    address: hazard.address,
  }));

const seriousHazards = ({ standing, changes }: Plan): readonly Hazard[] =>
  [...standing, ...changes.flatMap(({ hazards }) => hazards)].filter(
    ({ severity }) => severity === 'block' || severity === 'danger',
  );

const sentenceOf = (hazard: Hazard, plan: Plan): string =>
  plan.observed.hazards[hazardKey(hazard)] ?? hazard.code;

/** The blocks that ask for a resource: a slot is asked for by its subscriptions. */
const blocksAt = (address: Address, topology: WrittenTopology): readonly Address[] => [
  ...topology.publications
    .map(({ node, name }) => addressOf(node, 'publication', name))
    .filter((block) => block === address),
  ...topology.subscriptions
    .filter(
      ({ node, name, source, slot }) =>
        address === addressOf(node, 'subscription', name) ||
        address === addressOf(source, 'slot', slot),
    )
    .map(({ node, name }) => addressOf(node, 'subscription', name)),
];
