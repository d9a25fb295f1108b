// A table whose rows are brought in line: both ends, and how the subscriber stores its rows.

import type { Session } from '../../postgres/session.ts';
import { lockDefinitions } from '../../postgres/sql/exposed-tables.ts';
import { lockTables } from '../../postgres/sql/named-tables.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { TableToCompare } from '../difference/compared-table.ts';
import { type MatchedEnds, matchEnds } from '../difference/match-ends.ts';
import { type EndReading, readEnd } from '../difference/read-end.ts';
import type { HoldEnd } from './read-rows.ts';

/** A column of the subscriber, in the order of the type of its rows. */
export interface StoredColumn {
  readonly name: string;
  /** The server computes it. */
  readonly generated: boolean;
  /** GENERATED ALWAYS AS IDENTITY: an UPDATE may not set it. */
  readonly identityAlways: boolean;
}

export interface RepairedTable {
  readonly ends: MatchedEnds;
  readonly stored: readonly StoredColumn[];
  /** Columns that come from the publisher. */
  readonly written: readonly string[];
  /** All that are stored: with those that the publisher does not send. */
  readonly kept: readonly string[];
  /** Before rows are read, in the same transaction. */
  readonly hold: HoldEnd;
}

/** Whether reading the table would run code of others. */
export type GuardEnd = (session: Session, table: TableToCompare) => Promise<void>;

/** What was read of a table of one node. */
export interface RepairEnd {
  readonly reading: EndReading;
  readonly stored: readonly StoredColumn[];
}

/** @throws SteepError COMPARE_COLUMNS, HASH_TYPE_UNTRUSTED, RUNS_FOREIGN_CODE, TABLE_REPLACED; pg's error, as for a lock. */
export const readRepairedTable = async (
  table: TableToCompare,
  a: Session,
  b: Session,
  guard: GuardEnd,
): Promise<RepairedTable> => {
  const from = await readRepairEnd(a, table, guard);
  return repairedTable(table, { from, to: await readRepairEnd(b, table, guard) }, guard);
};

/**
 * @param ends the node whose rows are written, and the one that gets them.
 * @param held a transaction of this run holds the table on both nodes, so that nothing can be created on it.
 * @throws SteepError COMPARE_COLUMNS.
 */
export const repairedTable = (
  table: TableToCompare,
  { from, to: { reading, stored } }: { readonly from: RepairEnd; readonly to: RepairEnd },
  guard: GuardEnd,
  held = false,
): RepairedTable => {
  const hold: HoldEnd = async (session) => {
    const kinds = await lockTables(session, [table.table], 'ACCESS SHARE', { nowait: true });
    if (!held) await lockDefinitions(session, [table.table]);
    await guard(session, table);
    return kinds;
  };
  const ends = matchEnds(table, from.reading, reading);
  const kept = stored.filter(({ generated }) => !generated).map(({ name }) => name);
  const written = kept.filter((name) => table.columns.includes(name));
  return { ends, stored, kept, written, hold };
};

/** @throws SteepError HASH_TYPE_UNTRUSTED, RUNS_FOREIGN_CODE, TABLE_REPLACED; pg's error, as for a lock. */
export const readRepairEnd = (
  session: Session,
  table: TableToCompare,
  guard: GuardEnd,
): Promise<RepairEnd> =>
  session.transaction({ readOnly: true }, async () => {
    const kinds = await lockTables(session, [table.table]);
    await guard(session, table);
    const reading = await readEnd(session, table.table, kinds, table.columns);
    return { reading, stored: await readStored(session, table) };
  });

const readStored = (
  session: Session,
  { table }: TableToCompare,
): Promise<readonly StoredColumn[]> =>
  session.query<StoredColumn>(sql`
    SELECT a.attname::text AS name, a.attgenerated <> '' AS generated, a.attidentity = 'a' AS "identityAlways"
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relname = ${table.name}
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = ${table.schema}
     WHERE a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attnum`);
