// Tables that a subscription has had, that it is not sent now, and that it will be sent again: it counts them as copied, so
// that what was written in between never arrives, without an error.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { PublicationSpec, ResourceOf } from '../../../model/state/resource.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { have, isKind, type PlanContext, want } from '../../context/context.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { readNow } from '../../too-new/as-formerly.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

/** What the subscription is sent as things are; a publication that this plan renames has its new name in the context. */
const specsNow = (
  live: Subscription,
  source: string,
  context: PlanContext,
): readonly PublicationSpec[] =>
  readNow(live, context).flatMap((name) => {
    const renamed = context.renames.find(
      ({ kind, node, from }) => kind === 'publication' && node === source && from === name,
    );
    const found =
      have(context, 'publication', source, name) ??
      have(context, 'publication', source, renamed?.to ?? name);
    return found === undefined ? [] : [found.spec];
  });

const specsLater = (
  { spec }: Subscription,
  source: string,
  context: PlanContext,
): readonly PublicationSpec[] =>
  spec.publications.flatMap((name) => want(context, 'publication', source, name)?.spec ?? []);

/** Of a desired subscription that stays what it is. Tables that are copied again by this plan are no such tables. */
export const returningCopies = (
  sub: Subscription,
  context: PlanContext,
): readonly ResourceOf<'copy'>[] => {
  const live = have(context, 'subscription', sub.node, sub.name);
  const source = sub.spec.source ?? '';
  const index = context.tables.get(source);
  if (live === undefined || index === undefined || willBeCreated(sub, context)) return [];
  // Its slot has not read up to its publications: that is another hazard, with a cure of its own.
  if (context.live.tooNew?.[sub.address] !== undefined) return [];
  const namesOf = (specs: readonly PublicationSpec[]): ReadonlySet<string> =>
    new Set(effectiveTables(specs, index).map(({ table }) => formatName(table)));
  const now = namesOf(specsNow(live, source, context));
  const later = namesOf(specsLater(sub, source, context));
  return [...context.have.values()]
    .filter(isKind('copy'))
    .filter(({ node, spec }) => node === sub.node && spec.subscription === sub.name)
    .filter(({ spec }) => spec.state === 'ready')
    .filter(({ spec }) => {
      const table = formatName(spec.table);
      return later.has(table) && !now.has(table);
    });
};

export const returningTableHazards = (
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const copies = returningCopies(sub, context);
  return copies.length === 0 ? [] : [gap(sub, copies)];
};

/** More tables than a command can name well. */
const namedAtMost = 10;

const gap = (
  { node, name, address, spec }: Subscription,
  copies: readonly ResourceOf<'copy'>[],
): FoundHazard => {
  const tables = listNames(copies.map((copy) => formatName(copy.spec.table)));
  const [is, was] = copies.length === 1 ? ['is', 'was'] : ['are', 'were'];
  const addresses =
    copies.length > namedAtMost ? [address] : copies.map((copy) => copy.address).toSorted();
  const again = addresses.flatMap((it) => ['--reinit', it]);
  return hazard(
    'danger',
    'PUBLICATION_GAP',
    address,
    `${tables} ${is} not published for ${name} now, and ${was} copied before: changes written on ${spec.source ?? 'the publisher'} while it was not published never reach node ${node}, and there is no error.`,
    `Apply this plan, then copy the tables again: ${steepCommand`steep apply ${again}`}`,
  );
};
