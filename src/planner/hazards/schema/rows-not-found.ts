// Tables without a key on the subscriber, whose whole rows are compared with what the publisher sends of an old row.

import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { hazard } from '../hazard.ts';
import { type DesiredIdentity, unsentComparedColumns } from './key-faults.ts';
import type { SentToEdge } from './sent-to-edge.ts';

/** With REPLICA IDENTITY FULL: a column that is not sent counts as NULL. */
export const rowsNotFound = (
  edge: SentToEdge,
  desired: DesiredIdentity,
): readonly FoundHazard[] => {
  const columns = unsentComparedColumns(edge, desired);
  if (columns.length === 0) return [];
  const { sub, source } = edge;
  return [
    hazard(
      'danger',
      'ROWS_NOT_FOUND',
      sub.address,
      `On node ${sub.node} the table has no key, so that UPDATE and DELETE compare whole rows, also columns that node ${source} does not send: ${listNames(columns)}. A row that has a value there is never found, and its UPDATE or DELETE is skipped without an error.`,
      `Remove the columns on node ${sub.node}; or add a primary key of columns that are sent, on both nodes. If they are NULL in every row, allow the hazard.`,
    ),
  ];
};
