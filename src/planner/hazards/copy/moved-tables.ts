// Tables that leave one publication of a subscription and join another: until both are done, no publication sends them.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { PublicationSpec, ResourceOf } from '../../../model/state/resource.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { have, type PlanContext, subscribersOf, want } from '../../context/context.ts';
import { movedTables } from '../../facts/moved-tables.ts';
import type { PublicationDifference } from '../../facts/publication-difference.ts';
import { hazard } from '../hazard.ts';

type Publication = ResourceOf<'publication'>;

const sentBy = (
  specs: readonly (PublicationSpec | undefined)[],
  node: string,
  context: PlanContext,
): ReadonlySet<string> =>
  new Set(
    effectiveTables(
      specs.filter((spec) => spec !== undefined),
      context.tables.get(node) ?? new Map(),
    ).map(({ table }) => formatName(table)),
  );

/** Of the tables that the publication loses: those that the subscription gets from another one, and not yet. */
const movedFor = (
  sub: ResourceOf<'subscription'>,
  lost: readonly string[],
  { node, name }: Publication,
  context: PlanContext,
): readonly string[] => {
  const wanted = want(context, 'subscription', sub.node, sub.name)?.spec.publications ?? [];
  const others = (names: readonly string[]) => names.filter((other) => other !== name);
  const later = sentBy(
    others(wanted).map((other) => want(context, 'publication', node, other)?.spec),
    node,
    context,
  );
  const now = sentBy(
    others(sub.spec.publications).map((other) => have(context, 'publication', node, other)?.spec),
    node,
    context,
  );
  return lost.filter((table) => later.has(table) && !now.has(table));
};

/** What is written between the two steps would never be sent, and the table would not be copied again. */
export const movedTablesHazards = (
  live: Publication,
  desired: Publication,
  difference: PublicationDifference,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { node } = desired;
  const after = sentBy([desired.spec], node, context);
  // These are dropped only when the subscriptions get them by another publication.
  const { tables } = movedTables(live, difference, context);
  const inOrder = sentBy([{ ...live.spec, tables, schemas: [] }], node, context);
  const lost = [...sentBy([live.spec], node, context)].filter(
    (table) => !after.has(table) && !inOrder.has(table),
  );
  const moved = subscribersOf(context, node, live.name).flatMap((sub) =>
    movedFor(sub, lost, desired, context),
  );
  if (moved.length === 0) return [];
  return [
    hazard(
      'danger',
      'PUBLICATION_GAP',
      desired.address,
      `${listNames([...new Set(moved)])} ${moved.length === 1 ? 'leaves' : 'leave'} ${desired.name} before another publication sends the same rows: changes written in between never reach the subscribers, and there is no error.`,
      `Apply twice: first with the table in both publications, then without it in ${desired.name}. Or copy it again afterwards: --reinit.`,
    ),
  ];
};
