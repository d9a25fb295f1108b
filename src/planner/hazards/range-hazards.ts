// Large tables that steep reads in ranges of their file: what becomes of the copy when the file is replaced meanwhile.

import { copyChunkBytes } from '../../model/copy-chunk.ts';
import type { FoundHazard } from '../../model/hazard.ts';
import { formatName } from '../../model/identifier.ts';
import { formatSize } from '../../model/quantity.ts';
import type { ResourceOf } from '../../model/resource.ts';
import type { PlanContext } from '../context.ts';
import { largeTables, tablesToDump } from '../large-tables.ts';
import { hazard, listNames } from './hazard.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** Of an initial copy by steep from a server. */
export const rangeHazards = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { node, spec } = sub;
  const index = context.tables.get(spec.source ?? '') ?? new Map();
  const tables = copies.map((copy) => copy.spec.table);
  const dumped = tablesToDump(sub, tables, context)
    .filter(({ notDumped }) => notDumped === null)
    .map(({ table }) => formatName(table));
  const ranged = largeTables(tables, copyChunkBytes, index).filter(
    ({ table }) => !dumped.includes(formatName(table)),
  );
  if (ranged.length === 0) return [];
  const names = listNames(
    ranged.map(({ table, bytes }) => `${formatName(table)}, ${formatSize(bytes)}`),
  );
  return [
    hazard(
      'notice',
      'COPY_RESTARTS_TABLE',
      sub.address,
      `Read in ranges of their files: ${names}. When VACUUM FULL, CLUSTER or TRUNCATE replaces such a file during the copy, the rows copied so far are removed from the table on node ${node}, and it is copied again; pg_repack ends the copy.`,
      'Keep such commands away until the copy has ended.',
    ),
  ];
};
