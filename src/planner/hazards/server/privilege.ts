// What the role that applies may not do and the plan needs: every missing grant at once, as SQL to run.

import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { toGrant } from '../../rights/missing.ts';
import { requiredRights } from '../../rights/required-rights.ts';
import { hazard } from '../hazard.ts';

/** One block for each node on which the role that applies lacks rights for its steps. */
export const privilegeHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const missing = requiredRights(steps, context).filter(({ needed, held }) => needed && !held);
  return Object.values(context.live.nodes).flatMap((state) => {
    const rights = toGrant(missing.filter(({ node }) => node === state.node));
    if (rights.length === 0) return [];
    const purposes = [...new Set(rights.map(({ purpose }) => purpose))];
    return [
      hazard(
        'block',
        'PRIVILEGE',
        addressOf(state.node, 'node', state.node),
        `Role ${state.server.role.name} on node ${state.node} lacks rights for ${listNames(purposes)}.`,
        [...new Set(rights.flatMap(({ sql }) => sql))].join('\n'),
      ),
    ];
  });
};
