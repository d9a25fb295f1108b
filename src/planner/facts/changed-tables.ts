// Tables that a copy has filled and others have changed since, as a plan looks at them.

import type { ChangedTable } from '../../model/copy/changed-table.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';

/** Those of the tables that are among the changed ones. */
export const changedAmong = (
  tables: readonly QualifiedName[],
  changed: readonly ChangedTable[] = [],
): readonly QualifiedName[] => {
  const names = new Set(changed.map(({ table }) => formatName(table)));
  return tables.filter((table) => names.has(formatName(table)));
};
