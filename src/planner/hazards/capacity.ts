// Whether the limits of a server leave room for what the plan adds. Without room, creation fails or
// workers queue for ever.

import { addressOf, type NodeName } from '../../model/address.ts';
import type { FoundHazard } from '../../model/hazard.ts';
import type { NodeState } from '../../model/state.ts';
import type { PlanContext } from '../context.ts';
import type { StepDraft } from '../rules/rule.ts';
import { hazard } from './hazard.ts';

interface Demand {
  /** New slots, each with a walsender of its own. */
  readonly slots: number;
  /** New apply workers, each with an origin. */
  readonly workers: number;
}

const demandOn = (node: NodeName, steps: readonly StepDraft[]): Demand => {
  const count = (kind: StepDraft['kind']): number =>
    steps.filter((step) => step.node === node && step.kind === kind).length;
  return {
    slots: count('create-slot') - count('drop-slot'),
    workers:
      count('create-subscription') -
      count('drop-subscription') +
      count('enable-subscription') -
      count('disable-subscription'),
  };
};

/** How much more of each setting the plan needs. */
const needed = (demand: Demand): Readonly<Record<string, number>> => ({
  max_replication_slots: demand.slots,
  max_wal_senders: demand.slots,
  max_logical_replication_workers: demand.workers,
  max_worker_processes: demand.workers,
  max_active_replication_origins: demand.workers,
});

const walLevel = (state: NodeState, demand: Demand): readonly FoundHazard[] =>
  demand.slots > 0 && state.server.walLevel !== 'logical'
    ? [
        hazard(
          'block',
          'CAPACITY',
          addressOf(state.node, 'node', state.node),
          `Node ${state.node} has wal_level = ${state.server.walLevel}; a logical slot needs logical.`,
          "ALTER SYSTEM SET wal_level = 'logical'; then restart the server.",
        ),
      ]
    : [];

const limits = (state: NodeState, demand: Demand): readonly FoundHazard[] => {
  const needs = needed(demand);
  return state.server.limits.flatMap(({ setting, limit, used }) => {
    const more = needs[setting] ?? 0;
    if (more <= 0 || used + more <= limit) return [];
    return [
      hazard(
        'block',
        'CAPACITY',
        addressOf(state.node, 'node', state.node),
        `Node ${state.node}: ${setting} = ${limit}, ${used} used, ${more} more needed.`,
        `Raise ${setting} by at least ${more} (ALTER SYSTEM SET ${setting} = …), then restart the server.`,
      ),
    ];
  });
};

/** One block for each node and setting without headroom. */
export const capacityHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] =>
  Object.values(context.live.nodes).flatMap((state) => {
    const demand = demandOn(state.node, steps);
    return [...walLevel(state, demand), ...limits(state, demand)];
  });
