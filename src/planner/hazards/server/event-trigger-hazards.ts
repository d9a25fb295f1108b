// Event triggers whose functions belong to roles that are not trusted: DDL of steep runs them, with the rights of its role.

import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf, type NodeName } from '../../../model/state/address.ts';
import { describeEventTrigger, type EventTrigger } from '../../../model/state/foreign-code.ts';
import { stepTraits } from '../../../model/step/step-traits.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { hazard } from '../hazard.ts';

/** A trigger of `login` (17+) runs when steep connects; all others where steep creates, alters or drops something. */
const runsWith = ({ event }: EventTrigger, steps: readonly StepDraft[]): boolean =>
  steps.some(({ kind }) => event === 'login' || stepTraits[kind].ddl);

const ofNode = (
  node: NodeName,
  steps: readonly StepDraft[],
  { live }: PlanContext,
): readonly FoundHazard[] => {
  const state = live.nodes[node];
  const triggers = (state?.eventTriggers ?? []).filter((trigger) => runsWith(trigger, steps));
  if (state === undefined || triggers.length === 0) return [];
  const functions = triggers.map(describeEventTrigger);
  return [
    hazard(
      'danger',
      'RUNS_FOREIGN_CODE',
      addressOf(node, 'node', node),
      `Statements of this plan on node ${node} fire event triggers, which run functions of roles that the role of steep does not trust, with the rights of role ${state.server.role.name}.`,
      `Give these functions to a role that you trust (ALTER FUNCTION … OWNER TO), or disable the event triggers: ${listNames(functions)}. If you trust their owners with all that steep may do there, allow the hazard.`,
    ),
  ];
};

/** For each node, what the steps of a plan fire there. */
export const eventTriggerHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] =>
  [...Map.groupBy(steps, ({ node }) => node)].flatMap(([node, own]) => ofNode(node, own, context));
