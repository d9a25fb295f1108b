// Rows that are missing on a subscriber, or left there, as what was noted of its edge shows: whatever is planned, since
// nothing else will say so.

import { type SaidGap, sayGaps } from '../../../model/edge/edge-gap-text.ts';
import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { shellWord } from '../../../model/shell-word.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { isDetachedBy } from '../../schema/detach-partitions.ts';
import { changesOtherwise } from '../copy/reinit-hazards.ts';
import { hazard } from '../hazard.ts';
import { returningCopies } from './returning-tables.ts';

/** `first`: what must be applied before a table can be copied again. */
const remedyOf = ({ code, address, command, missing, byHand }: SaidGap, first: boolean): string => {
  if (byHand) return `${command} Or delete the rows there. With schema_sync: auto a plan does it.`;
  if (!first || !missing)
    return missing
      ? `Copy again: ${command}`
      : `Delete them there if they are not wanted, or copy again: ${command}`;
  const consent = `--allow-hazard ${shellWord(`${code}=${address}`)}`;
  return `First apply what else has changed with ${consent}: what is missing stays on record. Then copy again: ${command}`;
};

const gapHazard = (gap: SaidGap, first: boolean): FoundHazard =>
  hazard(
    gap.missing ? 'danger' : 'warning',
    gap.code,
    gap.address,
    gap.message,
    remedyOf(gap, first),
  );

/** What is copied again by this plan is mended by it. Of a table that is sent again another danger says the same. */
const remains = (
  { address, byHand }: SaidGap,
  sub: ResourceOf<'subscription'>,
  context: PlanContext,
): boolean =>
  byHand === true ||
  address === sub.address ||
  (context.have.has(address) &&
    returningCopies(sub, context).every((copy) => copy.address !== address));

const isWanted = (
  { node, name }: ResourceOf<'subscription'>,
  table: QualifiedName,
  { want }: PlanContext,
): boolean =>
  [...want.values()]
    .filter(isKind('copy'))
    .some(
      (copy) =>
        copy.node === node &&
        copy.spec.subscription === name &&
        formatName(copy.spec.table) === formatName(table),
    );

/** Of all subscriptions that stay what they are. */
export const edgeGapHazards = (context: PlanContext): readonly FoundHazard[] =>
  [...context.want.values()].filter(isKind('subscription')).flatMap((sub) => {
    const live = have(context, 'subscription', sub.node, sub.name);
    if (live === undefined || willBeCreated(sub, context)) return [];
    const { node, name } = sub;
    const edge = { node, name, source: live.spec.source ?? sub.spec.source ?? '' };
    // Other tables are not begun while some are copied again.
    const busy = context.reinits.some((it) => it.sub === sub && it.stage !== 'asked');
    const changes = busy || changesOtherwise({ sub, stage: 'asked' }, context);
    // What others had added to a publication is taken out again, and leaves the subscription.
    const gaps = (context.live.edgeGaps?.[sub.address] ?? []).filter(
      (gap) =>
        gap.kind !== 'fault' &&
        (gap.kind !== 'uncopied' || isWanted(sub, gap.table, context)) &&
        !isDetachedBy(gap, context.live.alignments?.[node]?.statements),
    );
    return sayGaps(gaps, edge)
      .filter((gap) => remains(gap, sub, context))
      .map((gap) => gapHazard(gap, changes && gap.address !== sub.address));
  });
