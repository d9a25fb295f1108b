// What REPLICA IDENTITY FULL costs where it is live and the file does not ask for it: the step that would set it says it otherwise.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { TableIndex } from '../../complete/published-tables.ts';
import { type PlanContext, want } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

/** Of tables that a subscription gets with UPDATE or DELETE. */
export const fullIdentityCosts = (
  sub: ResourceOf<'subscription'>,
  tables: readonly PublishedTable[],
  published: TableIndex,
  context: PlanContext,
): readonly FoundHazard[] => {
  const source = sub.spec.source ?? '';
  const full = tables
    .map(({ table }) => formatName(table))
    .filter((name) => published.get(name)?.identityMode === 'full')
    .filter((name) => want(context, 'identity', source, name) === undefined);
  if (full.length === 0) return [];
  return [
    hazard(
      'warning',
      'IDENTITY_FULL_COST',
      sub.address,
      `With REPLICA IDENTITY FULL, ${listNames(full)} of node ${source} ${full.length === 1 ? 'writes' : 'write'} whole old rows to WAL, and node ${sub.node} may scan a table without a key for each row.`,
      'Where the table has a primary key: replica_identity: default in steep.yaml. Otherwise give it one, or use a unique index: replica_identity: { index: NAME }.',
    ),
  ];
};
