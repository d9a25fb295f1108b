// Tables in the order of their foreign keys. Pure.

import { formatName } from '../../model/identifier.ts';
import type { TableReference } from '../../model/state/surroundings.ts';

/** Those that others refer to come first; in a circle of references, whichever comes first stays first. */
export const parentsFirst = <T>(
  tables: readonly T[],
  nameOf: (table: T) => string,
  references: readonly TableReference[],
): readonly T[] => {
  const ordered = new Set<T>();
  const visiting = new Set<T>();
  const byName = new Map(tables.map((table) => [nameOf(table), table]));
  const visit = (table: T): void => {
    if (ordered.has(table) || visiting.has(table)) return;
    visiting.add(table);
    for (const { table: from, to } of references) {
      const parent = formatName(from) === nameOf(table) ? byName.get(formatName(to)) : undefined;
      if (parent !== undefined) visit(parent);
    }
    ordered.add(table);
  };
  tables.forEach(visit);
  return [...ordered];
};
