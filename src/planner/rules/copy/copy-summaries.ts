// What a plan says of each table that steep copies, in a few words.

import { kindOfChange } from '../../../model/copy/changed-table.ts';
import { formatName } from '../../../model/identifier.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { PlanContext } from '../../context/context.ts';
import { type InitialCopy, unfinishedCopy } from '../../facts/initial-copy.ts';
import { isDumped } from '../../facts/large-tables.ts';
import { changedSinceLoad } from '../../facts/loaded-tables.ts';

type Copy = ResourceOf<'copy'>;

/** Of one subscription. @param native those tables of it that PostgreSQL copies. */
export const copySummaries = (
  sub: ResourceOf<'subscription'>,
  first: InitialCopy,
  native: readonly Copy[],
  context: PlanContext,
): ((copy: Copy) => string) => {
  const { madeBy, changed = [] } = unfinishedCopy(sub, context) ?? {};
  const again = (copy: Copy): string => {
    const since = [...changed, ...changedSinceLoad(sub, context)].find(
      ({ table }) => formatName(table) === formatName(copy.spec.table),
    );
    return since === undefined ? '' : `, again: ${kindOfChange(since)}`;
  };
  return (copy) => {
    const how = isDumped(copy, sub, context) ? ' with pg_dump' : '';
    if (madeBy !== undefined) return `initial copy, running: ${madeBy}`;
    if (first.way === 'again') {
      return `initial copy${how}, again${first.because === null ? '' : `: ${first.because}`}`;
    }
    if (first.way === 'snapshot') return `initial copy from a snapshot${again(copy)}`;
    if (first.way !== 'go-on') return `initial copy${how}`;
    return native.includes(copy) ? `initial copy by PostgreSQL${again(copy)}` : 'copied already';
  };
};
