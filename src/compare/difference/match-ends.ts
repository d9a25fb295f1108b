// What both ends of a table have in common: the columns that are compared, and the key that tells rows apart. Pure.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { HashedColumn } from '../row-hash.ts';
import type { TableEnd, TableToCompare } from './compared-table.ts';
import type { EndReading } from './read-end.ts';

/** The ends of a table, with the same columns in the same order. */
export interface MatchedEnds {
  readonly a: TableEnd;
  readonly b: TableEnd;
}

/** @throws SteepError COMPARE_COLUMNS (exit 7): a column is missing on one side. */
export const matchEnds = (
  { table, columns, where }: TableToCompare,
  a: EndReading,
  b: EndReading,
): MatchedEnds => {
  assertColumns(columns, table, a, b);
  const key = a.keys.find(
    (it) => it.notNull && it.columns.every((column) => columns.includes(column)),
  );
  const names = key?.columns ?? [];
  return { a: endOf(a, names, where), b: endOf(b, names, null) };
};

const endOf = (reading: EndReading, key: readonly string[], where: string | null): TableEnd => {
  const { keys, ...rest } = reading;
  return {
    ...rest,
    where,
    key: key.flatMap((name): readonly HashedColumn[] =>
      reading.columns.filter(({ column }) => column === name),
    ),
    indexed: keys.some(
      ({ columns }) =>
        columns.length === key.length && columns.every((column) => key.includes(column)),
    ),
  };
};

const assertColumns = (
  columns: readonly string[],
  table: TableToCompare['table'],
  ...ends: readonly EndReading[]
): void => {
  const missing = columns.filter((name) =>
    ends.some((end) => !end.columns.some(({ column }) => column === name)),
  );
  if (missing.length === 0) return;
  throw new SteepError(
    'COMPARE_COLUMNS',
    `Table ${formatName(table)} cannot be compared: one of the nodes does not have the columns ${missing.join(', ')}.`,
    {
      exit: ExitCode.incomplete,
      suggestions: ['Compare the definitions: steep schema diff'],
    },
  );
};
