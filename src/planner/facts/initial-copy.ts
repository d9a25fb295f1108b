// How a new subscription gets its rows: by PostgreSQL, by steep's own copy, or from what an interrupted copy
// has left. Decides; the steps are in first-copy-steps.ts.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { checkpointsKey } from '../../model/snapshot/snapshot.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { UnfinishedCopy } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import type { CreateSlot, SnapshotReader } from '../../model/step/step.ts';
import { effectiveTables } from '../complete/published-tables.ts';
import {
  desiredSubscription,
  have,
  isKind,
  type PlanContext,
  serverOf,
  want,
} from '../context/context.ts';
import { fingerprint } from '../plan/plan-id.ts';
import { doubtAbout } from './attempt-doubt.ts';
import { changedAmong } from './changed-tables.ts';
import { copiedPublication, temporaryFor } from './copied-publication.ts';
import { slotOptions, willBeCreated } from './edges.ts';
import { snapshotFactsOf } from './loaded-tables.ts';
import { copiesRows } from './manual-init.ts';
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
  | { readonly way: 'go-on'; readonly finished: readonly QualifiedName[] };

/** The tables that a subscription will fill. */
export const tablesOf = (sub: Subscription, context: PlanContext): readonly QualifiedName[] =>
  [...context.want.values()]
    .filter(isKind('copy'))
    .filter((copy) => copy.node === sub.node && copy.spec.subscription === sub.name)
    .map(({ spec }) => spec.table);

/** Of the publications of a subscription as the file asks for them. */
const publicationsDigest = ({ spec }: Subscription, context: PlanContext): string =>
  fingerprint(
    spec.publications.map(
      (name) => want(context, 'publication', spec.source ?? '', name)?.spec ?? null,
    ),
  );

/** What an interrupted copy into this subscription has left; undefined: nothing. */
export const unfinishedCopy = (
  sub: Subscription,
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

/** Its publications are the same, not only by their definition: none of them is made or changed by this plan. */
export const publicationsStand = (sub: Subscription, context: PlanContext): boolean =>
  sub.spec.publications.every((name) => {
    const source = sub.spec.source ?? '';
    const there = have(context, 'publication', source, name)?.spec;
    return fingerprint(there) === fingerprint(want(context, 'publication', source, name)?.spec);
  });

/** What another run has left of it can be used: it is the same. */
const temporaryFits = (
  sub: Subscription,
  finished: readonly QualifiedName[],
  context: PlanContext,
): boolean => {
  const { node, name, spec } = copiedPublication(sub, finished);
  const there = have(context, 'publication', node, name);
  return there === undefined || fingerprint(there.spec) === fingerprint(spec);
};

/** Two-phase commit is on from the first moment, and then no refresh may copy. */
const canRefresh = ({ spec }: Subscription): boolean => spec.options.two_phase !== 'true';

const afterInterruption = (
  sub: Subscription,
  unfinished: UnfinishedCopy,
  context: PlanContext,
): InitialCopy => {
  const wanted = new Set(tablesOf(sub, context).map(formatName));
  const complete = unfinished.finished.filter((table) => wanted.has(formatName(table)));
  const changed = changedAmong(complete, unfinished.changed);
  const finished = complete.filter((table) => !changed.includes(table));
  if (finished.length === 0) {
    const because = complete.length === 0 ? null : 'no table has the rows that it has copied';
    return { way: 'again', unfinished, because };
  }
  const because = whyInVain(sub, { ...unfinished, finished }, wanted.size, context);
  return because === null ? { way: 'go-on', finished } : { way: 'again', unfinished, because };
};

/** Why tables that are finished do not count; null: they do. */
const whyInVain = (
  sub: Subscription,
  unfinished: UnfinishedCopy,
  wanted: number,
  context: PlanContext,
): string | null => {
  const { finished, ledger, publicationsDigest: before, noted } = unfinished;
  if (ledger !== undefined) return 'its rows are those of a snapshot on storage';
  const doubt = doubtAbout(sub, unfinished, existingSlot(sub, context), context);
  if (doubt !== null) return doubt.why;
  if ((noted?.publications ?? null) === null) return 'its publications were not recorded';
  const same = publicationsStand(sub, context) && before === publicationsDigest(sub, context);
  if (!same) return 'its publications are not what they were';
  if (!temporaryFits(sub, finished, context))
    return 'another run was interrupted while it resumed the copy';
  return finished.length === wanted || canRefresh(sub)
    ? null
    : 'with two_phase, PostgreSQL cannot copy the remaining tables';
};

/** Some of its tables are published where it fills them: subscribers with origin = none must not get these rows. */
export const isSentOn = (sub: Subscription, context: PlanContext): boolean => {
  const tables = context.tables.get(sub.node) ?? new Map<string, Table>();
  const staying = [...context.have.values()]
    .filter(isKind('publication'))
    .filter(
      (live) =>
        !live.owned ||
        (!context.want.has(live.address) && removalPolicyOf(live, context).action !== 'drop'),
    );
  const published = [...[...context.want.values()].filter(isKind('publication')), ...staying]
    .filter(({ node }) => node === sub.node)
    .map(({ spec }) => spec);
  const sent = new Set(effectiveTables(published, tables).map(({ table }) => formatName(table)));
  return tablesOf(sub, context).some((table) => sent.has(formatName(table)));
};

/** What was loaded of the same snapshot stays; anything else would be duplicated. */
const fromSnapshot = (sub: Subscription, context: PlanContext): InitialCopy => {
  if (sub.spec.enabled && tablesOf(sub, context).length === 0) return { way: 'none' };
  const unfinished = unfinishedCopy(sub, context);
  const facts = snapshotFactsOf(sub, context);
  const fits = facts === null || unfinished?.ledger === checkpointsKey(facts.snapshotId);
  return { way: 'snapshot', unfinished: fits ? undefined : unfinished };
};

const native = (instead: string | null): InitialCopy => ({ way: 'native', instead });

/** By steep, from the source: where that can be exact. */
const fromSource = (sub: Subscription, context: PlanContext): InitialCopy => {
  // A disabled one is filled when it is enabled, which PostgreSQL does.
  if (!sub.spec.enabled || tablesOf(sub, context).length === 0) return native(null);
  if (serverOf(context, sub.node).metadataDatabase !== null) {
    return native('the copy checkpoints would be in another database than the tables');
  }
  if (isSentOn(sub, context)) {
    return native(
      `its tables are published on ${sub.node} too, and rows that steep copies would be published as writes of that node`,
    );
  }
  const unfinished = unfinishedCopy(sub, context);
  const slot = existingSlot(sub, context);
  if (unfinished !== undefined) return afterInterruption(sub, unfinished, context);
  return slot === undefined
    ? { way: 'parallel' }
    : native(`slot ${slot.name} already exists, and only a new slot has a snapshot to copy from`);
};

/** Decides for a subscription that this plan creates. */
export const initialCopyOf = (sub: Subscription, context: PlanContext): InitialCopy => {
  const asked = desiredSubscription(context, sub.node, sub.name);
  if (asked === undefined || !copiesRows(asked, true)) return { way: 'none' };
  if (asked.init === 'native') return native(null);
  return asked.init === 'two_phase' ? fromSnapshot(sub, context) : fromSource(sub, context);
};

/** Who copies at the snapshot of a slot that this plan makes; null: none does. */
export const snapshotReader = (
  sub: Subscription | undefined,
  context: PlanContext,
): SnapshotReader | null => {
  if (sub === undefined || !willBeCreated(sub, context)) return null;
  const { way } = initialCopyOf(sub, context);
  if (way !== 'parallel' && way !== 'again') return null;
  const digest = publicationsDigest(sub, context);
  return { node: sub.node, subscription: sub.name, publicationsDigest: digest };
};

/** Where a slot begins that this plan makes for a subscription, and who copies at it. */
export const newSlotOptions = (
  sub: Subscription | undefined,
  context: PlanContext,
): Pick<CreateSlot, 'failover' | 'snapshotFor' | 'copiedFrom'> => {
  const made = { ...slotOptions(sub, context), snapshotFor: snapshotReader(sub, context) };
  if (sub === undefined || !willBeCreated(sub, context)) return made;
  const facts =
    initialCopyOf(sub, context).way === 'snapshot' ? snapshotFactsOf(sub, context) : null;
  if (facts === null || facts.slot === null) return made;
  const { slot, lsn, snapshotId } = facts;
  const { node, name: subscription } = sub;
  return { ...made, copiedFrom: { slot, lsn, snapshotId, node, subscription } };
};

/** This plan creates the subscription that the publication was made for, on what is copied already. */
export const isUsedToGoOn = (
  publication: ResourceOf<'publication'>,
  context: PlanContext,
): boolean => {
  const reader = context.want.get(temporaryFor(publication, context) ?? '');
  if (reader?.kind !== 'subscription' || !willBeCreated(reader, context)) return false;
  return initialCopyOf(reader, context).way === 'go-on';
};
