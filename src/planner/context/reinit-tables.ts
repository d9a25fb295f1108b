// What is initialized again: asked for with --reinit, or begun by a run that was interrupted. The rules see such
// tables as not copied yet, and their subscription as reading the publications that it will read in the end.

import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { PlanOptions, Reinitialized } from '../../model/plan/plan.ts';
import type { Address } from '../../model/state/address.ts';
import type { AppliedOf, SetAside } from '../../model/state/applied.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import { matchesAddress } from '../address-pattern.ts';
import { referringTo } from '../facts/emptied-together.ts';
import { have, isKind, type PlanContext, tableOf } from './context.ts';
import type { Reinit } from './reinit-stage.ts';
import { subscriptionIdentity } from './reinit-subscription.ts';

type Subscription = ResourceOf<'subscription'>;
type Copy = ResourceOf<'copy'>;

type TemporaryRow = AppliedOf<'publication'> & { readonly without: SetAside };

/** Temporary publications that leave out tables of a subscription, as steep remembers them. */
const temporariesOf = (
  { address, spec }: Subscription,
  context: PlanContext,
): readonly TemporaryRow[] => {
  const rows = context.live.nodes[spec.source ?? '']?.applied ?? [];
  return rows.flatMap((row) =>
    row.kind === 'publication' &&
    row.temporaryFor === address &&
    row.without !== undefined &&
    have(context, 'publication', row.node, row.name)?.owned === true
      ? [{ ...row, without: row.without }]
      : [],
  );
};

const unionOf = (rows: readonly TemporaryRow[]): readonly QualifiedName[] =>
  [
    ...new Map(
      rows.flatMap(({ without }) => without.tables).map((name) => [formatName(name), name]),
    ).values(),
  ].toSorted(compareNames);

const sameTables = (a: readonly QualifiedName[], b: readonly QualifiedName[]): boolean =>
  a.map(formatName).join('\n') === b.map(formatName).join('\n');

/** A copy that is asked for again, and that is still the one that was there when it was asked. */
const isAsked = (
  copy: Copy,
  { reinit = [] }: PlanOptions,
  reviewed: readonly Reinitialized[] | null,
): boolean => {
  if (!reinit.some((pattern) => matchesAddress(pattern, copy.address))) return false;
  const before = reviewed?.find(({ address }) => address === copy.address);
  return reviewed === null || before?.was === copyIdentity(copy);
};

/** Another copy of the same table ends at another position. */
const copyIdentity = ({ observed }: Copy): string | null =>
  observed?.syncState === 'r' ? (observed.syncLsn ?? null) : null;

const liveCopies = (sub: Subscription, context: PlanContext): readonly Copy[] =>
  [...context.have.values()].filter(isKind('copy')).filter(({ node, spec, address }) => {
    const own = node === sub.node && spec.subscription === sub.name;
    return own && context.want.has(address);
  });

const stageOf = (
  sub: Subscription,
  live: Subscription,
  rows: readonly TemporaryRow[],
  asked: readonly QualifiedName[],
  context: PlanContext,
): Pick<Reinit, 'stage' | 'tables'> | null => {
  const read = rows.filter(({ name }) => live.spec.publications.includes(name));
  if (read.length > 0) return { stage: 'aside', tables: unionOf(read) };
  const applied = context.live.nodes[sub.node]?.applied.find((row) => row.address === sub.address);
  const left = rows.filter(({ name }) => applied?.broughtBack?.includes(name) === true);
  if (left.length > 0) return { stage: 'back', tables: unionOf(left) };
  return asked.length > 0 ? { stage: 'asked', tables: asked } : null;
};

/** With rows, and filled by the same subscription: foreign keys that refer to what is emptied empty them too. */
const referringWithRows = (
  { node }: Subscription,
  asked: readonly QualifiedName[],
  copies: readonly Copy[],
  context: PlanContext,
): readonly QualifiedName[] => {
  const filled = new Set(copies.map(({ spec }) => formatName(spec.table)));
  return referringTo(node, asked, context).filter(
    (name) => filled.has(formatName(name)) && tableOf(context, node, name)?.hasRows !== false,
  );
};

const reinitOf = (
  sub: Subscription,
  options: PlanOptions,
  reviewed: readonly Reinitialized[] | null,
  context: PlanContext,
): Reinit | null => {
  const live = have(context, 'subscription', sub.node, sub.name);
  if (live === undefined || context.whole.replaced.has(sub.address)) return null;
  const copies = liveCopies(sub, context);
  const asked = copies
    .filter((copy) => isAsked(copy, options, reviewed))
    .map(({ spec }) => spec.table)
    .toSorted(compareNames);
  const referring = referringWithRows(sub, asked, copies, context);
  const rows = temporariesOf(sub, context);
  const closed = [...asked, ...referring].toSorted(compareNames);
  const found = stageOf(sub, live, rows, closed, context);
  if (found === null) return null;
  const names = new Set(found.tables.map(formatName));
  return {
    sub,
    live,
    ...found,
    referring: found.stage === 'asked' ? referring : [],
    known: copies.some(({ spec }) => names.has(formatName(spec.table))),
    temporaries: rows
      .filter((row) => found.stage !== 'asked' || sameTables(row.without.tables, found.tables))
      .map(({ name }) => name),
    tooMany: asked.filter((name) => !names.has(formatName(name))),
  };
};

/** One for each subscription of which tables are initialized again. */
export const reinitsOf = (
  options: PlanOptions,
  reviewed: readonly Reinitialized[] | null,
  context: PlanContext,
): readonly Reinit[] =>
  context.destroy
    ? []
    : [...context.want.values()].filter(isKind('subscription')).flatMap((sub) => {
        const reinit = reinitOf(sub, options, reviewed, context);
        return reinit === null ? [] : [reinit];
      });

/** It has stopped only because a run was interrupted between stop and start; else that is a change like others. */
const started = ({ sub, live, stage }: Reinit): boolean =>
  stage === 'asked' ? live.spec.enabled : sub.spec.enabled;

/** What was read, as if the tables had never been copied. */
export const asReinitialized = (
  resources: ReadonlyMap<Address, Resource>,
  reinits: readonly Reinit[],
): ReadonlyMap<Address, Resource> => {
  const found = new Map(resources);
  for (const reinit of reinits) {
    const { sub, live, stage, tables } = reinit;
    const publications = stage === 'aside' ? sub.spec.publications : live.spec.publications;
    const spec = { ...live.spec, publications, enabled: started(reinit) };
    found.set(sub.address, { ...live, spec });
    if (stage === 'back') continue;
    const names = new Set(tables.map(formatName));
    for (const copy of [...resources.values()].filter(isKind('copy'))) {
      const own = copy.node === sub.node && copy.spec.subscription === sub.name;
      if (own && names.has(formatName(copy.spec.table))) found.delete(copy.address);
    }
  }
  return found;
};

/** The temporary publication belongs to something that is under way or asked for, and ends with it. */
export const isInUse = (
  { node, name }: Pick<ResourceOf<'publication'>, 'node' | 'name'>,
  { reinits }: PlanContext,
): boolean =>
  reinits.some(({ sub, temporaries }) => sub.spec.source === node && temporaries.includes(name));

/** What a plan initializes again, with the facts that later show whether it was done. */
export const reinitRequestOf = (
  context: PlanContext,
  read: ReadonlyMap<Address, Resource>,
): readonly Reinitialized[] => {
  const tables = context.reinits
    .filter(({ stage }) => stage === 'asked')
    .flatMap(({ sub, tables: names }) => {
      const wanted = new Set(names.map(formatName));
      return [...read.values()]
        .filter(isKind('copy'))
        .filter(({ node, spec }) => node === sub.node && spec.subscription === sub.name)
        .filter(({ spec }) => wanted.has(formatName(spec.table)))
        .map((copy) => ({ address: copy.address, was: copyIdentity(copy) }));
    });
  const whole = [...context.whole.replaced].map((address) => {
    const live = read.get(address);
    return { address, was: live?.kind === 'subscription' ? subscriptionIdentity(live) : null };
  });
  return [...whole, ...tables];
};
