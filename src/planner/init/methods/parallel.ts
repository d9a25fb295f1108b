// init: snapshot, the default. steep copies from the source, at the snapshot of the new slot, with several workers; where
// that cannot be exact PostgreSQL copies instead.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { UnfinishedCopy } from '../../../model/state/state.ts';
import { have, type PlanContext, serverOf } from '../../context/context.ts';
import { doubtAbout } from '../../facts/attempt-doubt.ts';
import { changedAmong } from '../../facts/changed-tables.ts';
import { copiedPublication } from '../../facts/copied-publication.ts';
import {
  existingSlot,
  type InitialCopy,
  isSentOn,
  publicationsDigest,
  publicationsStand,
  tablesOf,
  unfinishedCopy,
} from '../../facts/initial-copy.ts';
import { sourceEstimate } from '../../facts/source-estimate.ts';
import { fingerprint } from '../../plan/plan-id.ts';
import { fromTheSource, type MethodOfInit } from './init-method.ts';

type Subscription = ResourceOf<'subscription'>;

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
  const because = whyUnusable(sub, { ...unfinished, finished }, wanted.size, context);
  return because === null ? { way: 'continue', finished } : { way: 'again', unfinished, because };
};

/** Why tables that are finished do not count; null: they do. */
const whyUnusable = (
  sub: Subscription,
  unfinished: UnfinishedCopy,
  wanted: number,
  context: PlanContext,
): string | null => {
  const { finished, checkpointsKey, publicationsDigest: before, noted } = unfinished;
  if (checkpointsKey !== undefined) return 'its rows are those of a snapshot on storage';
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

const byServer = (instead: string | null): InitialCopy => ({ way: 'native', instead });

/** By steep, from the source: where that can be exact. */
const fromSource = (sub: Subscription, context: PlanContext): InitialCopy => {
  // A disabled one is filled when it is enabled, which PostgreSQL does.
  if (!sub.spec.enabled || tablesOf(sub, context).length === 0) return byServer(null);
  if (serverOf(context, sub.node).metadataDatabase !== null) {
    return byServer('the copy checkpoints would be in another database than the tables');
  }
  if (isSentOn(sub, context)) {
    return byServer(
      `its tables are published on ${sub.node} too, and rows that steep copies would be published as writes of that node`,
    );
  }
  const unfinished = unfinishedCopy(sub, context);
  const slot = existingSlot(sub, context);
  if (unfinished !== undefined) return afterInterruption(sub, unfinished, context);
  return slot === undefined
    ? { way: 'parallel' }
    : byServer(`slot ${slot.name} already exists, and only a new slot has a snapshot to copy from`);
};

export const parallelMethod: MethodOfInit = {
  ...fromTheSource,
  begin: fromSource,
  estimate: sourceEstimate,
  endedByServer: true,
  ownsRows: true,
  splitsLargeTables: true,
  rightsOf: 'parallel',
};
