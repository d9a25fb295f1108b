// Transactions that a subscription was told to skip by hand: whatever is planned, since their rows will be missing.

import { repairOf, resetSkip } from '../../../model/edge/pending-skip.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { hazard } from '../hazard.ts';

/** Of all subscriptions that stay what they are. */
export const pendingSkipHazards = (context: PlanContext): readonly FoundHazard[] =>
  [...context.want.values()].filter(isKind('subscription')).flatMap((sub) => {
    const { node, name, address } = sub;
    const lsn = have(context, 'subscription', node, name)?.observed?.skipLsn;
    if (lsn === undefined || willBeCreated(sub, context)) return [];
    return [
      hazard(
        'danger',
        'SKIP_PENDING',
        address,
        `${name} on node ${node} is to skip the transaction that ends at ${lsn}: none of its changes will be applied.`,
        `To have it applied, on node ${node}: ${resetSkip(name)} After it was skipped: ${repairOf(node, name)}`,
      ),
    ];
  });
