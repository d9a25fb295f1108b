// What a plan says of each table that steep copies, in a few words.

import { kindOfChange } from '../../../model/copy/changed-table.ts';
import { formatName } from '../../../model/identifier.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { PlanContext } from '../../context/context.ts';
import { type InitialCopy, unfinishedCopy } from '../../facts/initial-copy.ts';
import { isDumped } from '../../facts/large-tables.ts';
import { changedSinceLoad } from '../../facts/snapshot/loaded-tables.ts';

type Copy = ResourceOf<'copy'>;

/** A way that is not in it does not compile. */
type Summaries = {
  readonly [W in InitialCopy['way']]: (
    first: InitialCopy & { readonly way: W },
    copy: Copy,
    how: string,
  ) => string;
};

/** Of one subscription. @param native those tables of it that PostgreSQL copies. */
export const copySummaries = <W extends InitialCopy['way']>(
  sub: ResourceOf<'subscription'>,
  first: InitialCopy & { readonly way: W },
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
  const by: Summaries = {
    none: (_first, _copy, how) => `initial copy${how}`,
    native: (_first, _copy, how) => `initial copy${how}`,
    parallel: (_first, _copy, how) => `initial copy${how}`,
    again: ({ because }, _copy, how) =>
      `initial copy${how}, again${because === null ? '' : `: ${because}`}`,
    snapshot: (_first, copy) => `initial copy from a snapshot${again(copy)}`,
    continue: (_first, copy) =>
      native.includes(copy) ? `initial copy by PostgreSQL${again(copy)}` : 'copied already',
  };
  return (copy) => {
    if (madeBy !== undefined) return `initial copy, running: ${madeBy}`;
    return by[first.way](first, copy, isDumped(copy, sub, context) ? ' with pg_dump' : '');
  };
};
