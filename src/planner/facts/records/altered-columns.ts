// Columns of the publisher that hold other values than were copied, in rows that were there: ALTER TABLE sends no rows. A column
// that was dropped and added again has another number; ALTER COLUMN TYPE … USING writes all rows into another file.

import type { CopiedColumnRecord } from '../../../model/edge/edge-record.ts';
import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { Table } from '../../../model/state/table.ts';
import type { CopyPair } from './unlogged-tables.ts';

/** As CopiedTableRecord has them. @param sent null: all; @param target as the subscriber has the table */
export const columnRecords = (
  { columns }: Table,
  sent: readonly string[] | null,
  target: Table | undefined,
): Readonly<Record<string, CopiedColumnRecord>> => {
  const stored = new Map(target?.columns.map(({ name, number }) => [name, number ?? null]));
  return Object.fromEntries(
    columns.flatMap(({ name, number, row, type, generated }) =>
      number === undefined || row === undefined || generated || sent?.includes(name) === false
        ? []
        : [[name, { number, row, type, stored: stored.get(name) ?? null }] as const],
    ),
  );
};

type Change = (then: CopiedColumnRecord, since: CopiedColumnRecord) => boolean;

const changed = ({ noted, now }: CopyPair, isChanged: Change): readonly string[] =>
  Object.entries(now.columns ?? {}).flatMap(([name, since]) => {
    const then = noted.columns?.[name];
    return then !== undefined && isChanged(then, since) ? [name] : [];
  });

/** Of one end alone: what both nodes were given, and a column that the subscriber lacks, is the business of drift. */
const isOther: Change = (then, since) =>
  since.stored !== null && (then.number !== since.number) !== (then.stored !== since.stored);

/** Where columns of the publisher with other numbers are found, and named, when its tables are brought in line. */
const isOtherHere: Change = (then, since) => then.number === since.number && isOther(then, since);

/** With the type that it had: another one shows as a difference of schemas. */
const isWrittenAgain: Change = (then, since) =>
  then.number === since.number && then.type === since.type && then.row !== since.row;

/** A table, or a partition with rows, whose rows may have been written by what has altered its columns. */
export interface AlteredFile {
  readonly name: QualifiedName;
  /** The transactions that wrote the definitions. */
  readonly rows: readonly string[];
}

/** Those that have another file too: only a look into them tells why. */
export const alteredFiles = (
  pairs: readonly CopyPair[],
  tables: readonly Table[],
): readonly AlteredFile[] => {
  const byName = new Map(tables.map((table) => [formatName(table.name), table]));
  return pairs.flatMap((pair) => {
    const columns = changed(pair, isWrittenAgain);
    return Object.entries(pair.now.files ?? {}).flatMap(([name, file]) => {
      const before = pair.noted.files?.[name];
      const table = byName.get(name);
      if (before === undefined || before === file || table === undefined) return [];
      const rows = table.columns.flatMap((it) =>
        it.row !== undefined && columns.includes(it.name) ? [it.row] : [],
      );
      return rows.length === 0 ? [] : [{ name: table.name, rows }];
    });
  });
};

/**
 * @param altered by formatName, tables whose rows were written by what has altered their columns
 * @param aligned whether the subscriber is brought in line with the tables of the publisher (schema_sync: auto)
 */
export const alteredColumns = (
  pair: CopyPair,
  altered: ReadonlySet<string>,
  aligned: boolean,
): readonly string[] => {
  const isRewritten = Object.keys(pair.now.files ?? {}).some((name) => altered.has(name));
  return [
    ...changed(pair, aligned ? isOtherHere : isOther),
    ...(isRewritten ? changed(pair, isWrittenAgain) : []),
  ];
};
