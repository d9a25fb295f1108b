// The ways in which a new subscription gets its rows, and what the decision for one of them rests on. The methods
// decide (init/methods/); the steps are in initial-copy-steps.ts.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { addressOf } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { UnfinishedCopy } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import { effectiveTables } from '../complete/published-tables.ts';
import { have, isKind, type PlanContext, want } from '../context/context.ts';
import { fingerprint } from '../plan/plan-id.ts';
import { removalPolicyOf } from './removal-policy.ts';

type Subscription = ResourceOf<'subscription'>;

export type InitialCopy =
  | { readonly way: 'none' }
  /** `instead`: why not by steep's own copy, which the file asks for; null: the file asks for this one. */
  | { readonly way: 'native'; readonly instead: string | null }
  | { readonly way: 'parallel' }
  /** From a snapshot on storage. `unfinished`: an interrupted copy of another kind, which is rolled back first. */
  | { readonly way: 'snapshot'; readonly unfinished: UnfinishedCopy | undefined }
  /**
   * An interrupted copy is rolled back, and begins again. `because`: why what it finished does not count; null:
   * nothing.
   */
  | { readonly way: 'again'; readonly unfinished: UnfinishedCopy; readonly because: string | null }
  /** An interrupted copy has finished these: they are kept, and PostgreSQL copies the others. */
  | { readonly way: 'continue'; readonly finished: readonly QualifiedName[] };

export interface WayTraits {
  /** The kind of the step in which steep stores the rows; null: PostgreSQL does, or they are there. */
  readonly stores: 'copy-tables' | 'load-snapshot' | null;
  /** Rows of an interrupted copy are kept, or undone first. */
  readonly ownsRows: boolean;
  /** The slot that is there is dropped, and made again. */
  readonly remakesSlot: boolean;
}

/** A way that is not in it does not compile. */
export const wayTraits: { readonly [W in InitialCopy['way']]: WayTraits } = {
  none: { stores: null, ownsRows: false, remakesSlot: false },
  native: { stores: null, ownsRows: false, remakesSlot: false },
  parallel: { stores: 'copy-tables', ownsRows: true, remakesSlot: false },
  snapshot: { stores: 'load-snapshot', ownsRows: true, remakesSlot: false },
  again: { stores: 'copy-tables', ownsRows: true, remakesSlot: true },
  continue: { stores: null, ownsRows: true, remakesSlot: false },
};

/** The tables that a subscription will fill. */
export const tablesOf = (sub: Subscription, context: PlanContext): readonly QualifiedName[] =>
  [...context.want.values()]
    .filter(isKind('copy'))
    .filter((copy) => copy.node === sub.node && copy.spec.subscription === sub.name)
    .map(({ spec }) => spec.table);

/** Of the publications of a subscription as the file asks for them. */
export const publicationsDigest = ({ spec }: Subscription, context: PlanContext): string =>
  fingerprint(
    spec.publications.map(
      (name) => want(context, 'publication', spec.source ?? '', name)?.spec ?? null,
    ),
  );

/** What an interrupted copy into this subscription has left; undefined: nothing. */
export const unfinishedCopy = (
  sub: Pick<Subscription, 'node' | 'name'>,
  context: PlanContext,
): UnfinishedCopy | undefined =>
  context.live.nodes[sub.node]?.unfinishedCopies?.find(
    ({ subscription }) => subscription === sub.name,
  );

/** The slot that is there now and will be when the subscription is created: nothing in this plan drops it. */
export const existingSlot = (sub: Subscription, context: PlanContext) => {
  const { source, slot } = sub.spec;
  if (source === null || slot === null) return undefined;
  const replaced = have(context, 'subscription', sub.node, sub.name)?.spec;
  if (replaced?.source === source && replaced.slot === slot) return undefined;
  return have(context, 'slot', source, slot);
};

const hasItsSpec = (source: string, name: string, context: PlanContext): boolean =>
  fingerprint(have(context, 'publication', source, name)?.spec) ===
  fingerprint(want(context, 'publication', source, name)?.spec);

/** Under its name there is already what it is to be. */
export const publicationStands = (source: string, name: string, context: PlanContext): boolean => {
  const address = addressOf(source, 'publication', name);
  const isRenamed = context.renames.some(({ toAddress }) => toAddress === address);
  return !isRenamed && hasItsSpec(source, name, context);
};

/** Its publications are the same, not only by their definition: none of them is made or changed by this plan. */
export const publicationsStand = (sub: Subscription, context: PlanContext): boolean =>
  sub.spec.publications.every((name) => hasItsSpec(sub.spec.source ?? '', name, context));

/** Some of its tables are published where it fills them: subscribers with origin = none must not get these rows. */
export const isSentOn = (sub: Subscription, context: PlanContext): boolean => {
  const tables = context.tables.get(sub.node) ?? new Map<string, Table>();
  const staying = [...context.have.values()]
    .filter(isKind('publication'))
    .filter(
      (live) =>
        !context.want.has(live.address) &&
        (!live.owned || removalPolicyOf(live, context).action !== 'drop'),
    );
  const published = [...[...context.want.values()].filter(isKind('publication')), ...staying]
    .filter(({ node }) => node === sub.node)
    .map(({ spec }) => spec);
  const sent = new Set(effectiveTables(published, tables).map(({ table }) => formatName(table)));
  return tablesOf(sub, context).some((table) => sent.has(formatName(table)));
};
