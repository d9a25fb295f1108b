// Whether the limits of a server permits what the plan adds. Without a free one, creation fails or workers queue
// indefinitely.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf, type NodeName } from '../../../model/state/address.ts';
import type { NodeState } from '../../../model/state/state.ts';
import { stepTraits } from '../../../model/step/step-traits.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { hazard } from '../hazard.ts';

interface Demand {
  /** New slots, each with a walsender of its own. */
  readonly slots: number;
  /** New apply workers. */
  readonly workers: number;
  readonly origins: number;
  /** PostgreSQL copies tables. */
  readonly copies: boolean;
}

const demandOn = (node: NodeName, steps: readonly StepDraft[]): Demand => {
  const here = steps.filter((step) => step.node === node);
  const dropped = new Set(
    here.filter(({ kind }) => kind === 'drop-subscription').map(({ address }) => address),
  );
  // A subscription that is disabled and then dropped frees one worker, not two.
  const counted = here.filter(
    ({ kind, address }) =>
      kind === 'drop-subscription' || stepTraits[kind].workers >= 0 || !dropped.has(address),
  );
  const sum = (trait: 'slots' | 'workers' | 'origins'): number =>
    counted.reduce((total, { kind }) => total + stepTraits[kind][trait], 0);
  const copies = here.some(({ kind }) => kind === 'wait-for-copy');
  return { slots: sum('slots'), workers: sum('workers'), origins: sum('origins'), copies };
};

/** How much more of each setting the plan needs. */
const needed = (demand: Demand): Readonly<Record<string, number>> => ({
  max_replication_slots: demand.slots,
  max_wal_senders: demand.slots,
  max_logical_replication_workers: demand.workers,
  max_worker_processes: demand.workers,
  max_active_replication_origins: demand.origins,
});

/** A setting that would be exceeded, and what to set it to. */
interface Shortage {
  readonly message: string;
  readonly remedy: string;
}

const walLevel = ({ node, server }: NodeState, demand: Demand): readonly Shortage[] =>
  demand.slots > 0 && server.walLevel !== 'logical'
    ? [
        {
          message: `Node ${node} has wal_level = ${server.walLevel}; a logical slot needs logical.`,
          remedy: "ALTER SYSTEM SET wal_level = 'logical';",
        },
      ]
    : [];

const limits = (state: NodeState, demand: Demand): readonly Shortage[] => {
  const needs = needed(demand);
  return state.server.limits.flatMap(({ setting, limit, used }) => {
    // Those that are busy will be free again: only without any does no copy ever begin.
    const isCopier = setting === 'max_sync_workers_per_subscription';
    const more = isCopier ? Number(demand.copies && limit === 0) : (needs[setting] ?? 0);
    if (more <= 0 || used + more <= limit) return [];
    return [
      {
        message: `Node ${state.node}: ${setting} = ${limit}, ${used} used, ${more} more needed.`,
        remedy: `ALTER SYSTEM SET ${setting} = ${used + more};`,
      },
    ];
  });
};

/** One block for each node without headroom, with every setting that leaves too little. */
export const capacityHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] =>
  Object.values(context.live.nodes).flatMap((state) => {
    const demand = demandOn(state.node, steps);
    const shortages = [...walLevel(state, demand), ...limits(state, demand)];
    if (shortages.length === 0) return [];
    return [
      hazard(
        'block',
        'CAPACITY',
        addressOf(state.node, 'node', state.node),
        shortages.map(({ message }) => message).join(' '),
        `Raise to at least these values, and restart the server: ${shortages.map(({ remedy }) => remedy).join(' ')}`,
      ),
    ];
  });
