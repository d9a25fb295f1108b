// Rows that are missing on a subscriber, or left there, as what was noted of its edge shows: whatever is planned, since
// nothing else will say so.

import { type SaidGap, sayGaps } from '../../../model/edge/edge-gap-text.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { hazard } from '../hazard.ts';
import { returningCopies } from './returning-tables.ts';

const gapHazard = ({ code, address, message, command, missing }: SaidGap): FoundHazard =>
  hazard(
    missing ? 'danger' : 'warning',
    code,
    address,
    message,
    missing
      ? `Copy again: ${command}`
      : `Delete them there if they are not wanted, or copy again: ${command}`,
  );

/** What is copied again by this plan is mended by it. Of a table that is sent again another danger says the same. */
const remains = (
  { address }: SaidGap,
  sub: ResourceOf<'subscription'>,
  context: PlanContext,
): boolean =>
  address === sub.address ||
  (context.have.has(address) &&
    returningCopies(sub, context).every((copy) => copy.address !== address));

/** Of all subscriptions that stay what they are. */
export const edgeGapHazards = (context: PlanContext): readonly FoundHazard[] =>
  [...context.want.values()].filter(isKind('subscription')).flatMap((sub) => {
    const live = have(context, 'subscription', sub.node, sub.name);
    if (live === undefined || willBeCreated(sub, context)) return [];
    const { node, name } = sub;
    const edge = { node, name, source: live.spec.source ?? sub.spec.source ?? '' };
    return sayGaps(context.live.edgeGaps?.[sub.address] ?? [], edge)
      .filter((gap) => remains(gap, sub, context))
      .map(gapHazard);
  });
