// init: two_phase. The files of a snapshot on storage are loaded, and replication starts at the position of that snapshot.

import { formatName } from '../../../model/identifier.ts';
import { checkpointsKeyOf } from '../../../model/snapshot/snapshot.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { PlanContext } from '../../context/context.ts';
import { type InitialCopy, tablesOf, unfinishedCopy } from '../../facts/initial-copy.ts';
import { snapshotFactsOf } from '../../facts/snapshot/loaded-tables.ts';
import { sourceEstimate } from '../../facts/source-estimate.ts';
import { fromTheSource, type MethodOfInit } from './init-method.ts';

type Subscription = ResourceOf<'subscription'>;

/** What was loaded of the same snapshot stays; anything else would be duplicated. */
const fromSnapshot = (sub: Subscription, context: PlanContext): InitialCopy => {
  if (sub.spec.enabled && tablesOf(sub, context).length === 0) return { way: 'none' };
  const unfinished = unfinishedCopy(sub, context);
  const facts = snapshotFactsOf(sub, context);
  const fits = facts === null || unfinished?.checkpointsKey === checkpointsKeyOf(facts.snapshotId);
  return { way: 'snapshot', unfinished: fits ? undefined : unfinished };
};

/** As the manifest says; of a snapshot that was not read, as the source has them. */
const estimate: MethodOfInit['estimate'] = (copy, sub, context) => {
  const name = formatName(copy.spec.table);
  const loaded = snapshotFactsOf(sub, context)?.tables.find((it) => formatName(it) === name);
  return loaded === undefined
    ? sourceEstimate(copy, sub, context)
    : { rows: loaded.rows, bytes: loaded.size };
};

export const twoPhaseMethod: MethodOfInit = {
  ...fromTheSource,
  begin: fromSnapshot,
  estimate,
  readsSnapshot: true,
  ownsRows: true,
  // A snapshot that is not there yet says nothing of tables: what a copy needs is what loading them needs.
  rightsOf: 'parallel',
};
