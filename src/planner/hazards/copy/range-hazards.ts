// What others may do to a table while steep reads it: it gets another file, and is copied again; or it is held, and they
// wait.

import { copyChunkBytes } from '../../../model/copy/copy-chunk.ts';
import { formatName } from '../../../model/identifier.ts';
import { listNames, plural } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { formatSize } from '../../../model/quantity.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { desiredSubscription, type PlanContext } from '../../context/context.ts';
import { edgeEstimate } from '../../facts/copy-estimate.ts';
import { largeTables, tablesToDump } from '../../facts/large-tables.ts';
import { hazard } from '../hazard.ts';
import { timeOf } from './copy-hazards.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** Of an initial copy by steep from a server. */
export const rangeHazards = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  if (desiredSubscription(context, sub.node, sub.name)?.holdTables === true) {
    return copies.length === 0 ? [] : [holdsTables(copies, sub, context)];
  }
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
      'Do not run such commands until the copy has ended.',
    ),
  ];
};

const holdsTables = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): FoundHazard => {
  const names = listNames(copies.map(({ spec }) => formatName(spec.table)));
  const time = timeOf(edgeEstimate(copies, sub, context));
  return hazard(
    'warning',
    'HOLDS_TABLES',
    sub.address,
    `Locks ${plural(copies.length, 'table')} on node ${sub.spec.source ?? '?'} (${names}) in ACCESS SHARE mode until the last row of the copy is read: ${time}. Until then ALTER TABLE, VACUUM FULL, CLUSTER, TRUNCATE and DROP TABLE of these tables wait, and every statement that comes after such a statement waits behind it, SELECT and INSERT too.`,
    'Do not run such statements, or jobs that run them, until the copy has ended, or give them a lock_timeout. Or copy without these locks: init: { hold_tables: false }.',
  );
};
