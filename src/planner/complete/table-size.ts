// What a table holds on its publisher: of a partitioned one, what its leaves hold.

import { compareNames } from '../../model/identifier.ts';
import type { Table } from '../../model/state/table.ts';
import type { TableIndex } from './published-tables.ts';

/** The tables in which the rows of this one are stored. */
export const heapsOf = (table: Table, tables: TableIndex): readonly Table[] =>
  table.partitioned
    ? [...tables.values()]
        .filter(({ parent }) => parent !== null && compareNames(parent, table.name) === 0)
        .flatMap((child) => heapsOf(child, tables))
    : [table];

/** Bytes. */
export const tableSize = (table: Table, tables: TableIndex): number =>
  heapsOf(table, tables).reduce((sum, { bytes }) => sum + bytes, 0);
