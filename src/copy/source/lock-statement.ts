// Which tables a copy holds, in which order, and the statement that locks them. Pure.

import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import { ddl, join, qualified, type Sql } from '../../postgres/sql/sql.ts';
import type { Transfer } from '../fill/copy-table.ts';

/**
 * Partitioned tables first, then whatever holds rows, by OID: PostgreSQL locks in this order when a statement names a
 * partitioned table, so that such a statement and this copy cannot wait for each other. LOCK TABLE knows no foreign tables.
 */
export const tablesToHold = (transfers: readonly Transfer[]): readonly QualifiedName[] => {
  const heaps = transfers
    .flatMap(({ table }) => table.heaps)
    .filter(({ ranges }) => ranges)
    .toSorted((a, b) => a.oid - b.oid);
  const parents = transfers
    .filter(({ table }) => !table.heaps.some(({ name }) => compareNames(name, table.name) === 0))
    .map(({ table }) => table.name)
    .toSorted(compareNames);
  const names = [...parents, ...heaps.map(({ name }) => name)];
  return [...new Map(names.map((name) => [formatName(name), name])).values()];
};

/** `nowait`: it fails where a lock is not granted at once, also behind a statement that waits for one. */
export const lockStatement = (
  tables: readonly QualifiedName[],
  { nowait }: { readonly nowait: boolean },
): Sql => {
  const list = join(tables.map((name) => ddl`ONLY ${qualified(name)}`));
  return ddl`LOCK TABLE ${list} IN ACCESS SHARE MODE${nowait ? ddl` NOWAIT` : ddl``}`;
};
