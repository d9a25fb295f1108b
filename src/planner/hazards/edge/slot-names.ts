// Names of slots belong to the whole cluster: one that another database or another plugin holds cannot be given
// out again. Found here, and not by the server half way through a run.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import { sameCluster } from '../../../model/state/server.ts';
import type { NodeState } from '../../../model/state/state.ts';
import type { ForeignSlot } from '../../../model/state/surroundings.ts';
import { type PlanContext, serverOf } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { hazard } from '../hazard.ts';

type CreateSlot = Extract<StepDraft, { readonly kind: 'create-slot' }>;

const describe = ({ database, plugin, active }: ForeignSlot): string => {
  const read = active ? 'read right now' : 'not read right now';
  return database === null
    ? `a physical slot, ${read}`
    : `a slot of database ${database} (plugin ${plugin ?? 'unknown'}), ${read}`;
};

/** A node of the same cluster, in whose database the plan drops that slot before this step. */
const isFreed = (
  held: ForeignSlot,
  step: CreateSlot,
  state: NodeState,
  steps: readonly StepDraft[],
  context: PlanContext,
): boolean =>
  Object.values(context.live.nodes)
    .filter(({ server }) => sameCluster(server, state.server))
    .filter(({ server }) => server.database === held.database)
    .some(({ node }) =>
      steps.some(
        ({ id, kind, address }) =>
          kind === 'drop-slot' &&
          address === addressOf(node, 'slot', held.name) &&
          step.needs.includes(id),
      ),
    );

const held = (
  step: CreateSlot,
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const state = context.live.nodes[step.node];
  const holder = state?.foreignSlots.find(({ name }) => name === step.slot);
  if (state === undefined || holder === undefined) return [];
  if (isFreed(holder, step, state, steps, context)) return [];
  return [
    hazard(
      'block',
      'SLOT_TAKEN',
      step.address,
      `Slot name ${step.slot} is taken in the cluster of node ${step.node}, by ${describe(holder)}.`,
      `Give the subscription another name with slot: NAME. If nobody needs that slot, drop it in its database: SELECT pg_catalog.pg_drop_replication_slot('${step.slot}');`,
    ),
  ];
};

/** Two nodes of one cluster that would both get a slot of this name: the later address is told. */
const twice = (
  step: CreateSlot,
  creating: readonly CreateSlot[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const own = serverOf(context, step.node);
  const other = creating.find(
    ({ slot, node }) =>
      slot === step.slot && node < step.node && sameCluster(serverOf(context, node), own),
  );
  if (other === undefined) return [];
  return [
    hazard(
      'block',
      'SLOT_TAKEN',
      step.address,
      `Node ${step.node} is in the same cluster as node ${other.node}, where this plan creates a slot ${step.slot} too.`,
      'Give one of the subscriptions another name with slot: NAME.',
    ),
  ];
};

/** A block for each slot whose name is taken when its turn comes. */
export const slotNameHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const creating = steps.filter((step): step is CreateSlot => step.kind === 'create-slot');
  return creating.flatMap((step) => [
    ...held(step, steps, context),
    ...twice(step, creating, context),
  ]);
};
