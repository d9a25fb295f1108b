// Tables of large_table_threshold or more: which they are, which of them pg_dump reads, and which pg_dump cannot.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { PublishedTable, ResourceOf } from '../../model/state/resource.ts';
import type { LargeTables, SizedTable } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import type { TableIndex } from '../complete/published-tables.ts';
import { sentColumns, sentTables } from '../complete/sent-tables.ts';
import { tableSize } from '../complete/table-size.ts';
import { desiredSubscription, type PlanContext, serverOf, want } from '../context/context.ts';
import { snapshotReader } from './new-copy.ts';

type Subscription = ResourceOf<'subscription'>;
type Copy = ResourceOf<'copy'>;

/** What becomes of tables of `threshold` or more. One that is not in it does not compile. */
const largeTableMethods: {
  readonly [M in LargeTables['method']]: {
    readonly dumps: boolean;
    readonly leavesToUser: boolean;
  };
} = {
  pg_dump: { dumps: true, leavesToUser: false },
  basebackup: { dumps: false, leavesToUser: true },
};

/** pg_dump reads them. */
export const dumpsLargeTables = (asked: LargeTables | undefined): boolean =>
  asked !== undefined && largeTableMethods[asked.method].dumps;

/** A user restores all rows of a subscription that has such a table. */
export const leavesLargeTables = (asked: LargeTables | undefined): boolean =>
  asked !== undefined && largeTableMethods[asked.method].leavesToUser;

/** In the order given. */
export const largeTables = (
  tables: readonly QualifiedName[],
  threshold: number,
  index: TableIndex,
): readonly SizedTable[] =>
  tables
    .map((table) => {
      const found = index.get(formatName(table));
      return { table, bytes: found === undefined ? 0 : tableSize(found, index) };
    })
    .filter(({ bytes }) => bytes >= threshold);

export interface LargeTable extends SizedTable {
  /** Why pg_dump cannot read it as it is sent; null: it can. */
  readonly notDumped: string | null;
}

const noTables: TableIndex = new Map();

/** Of the tables that the subscription fills, those that pg_dump is to read. Empty: the file does not ask for it. */
export const tablesToDump = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly LargeTable[] => {
  const { largeTables: asked, holdTables } = desiredSubscription(context, sub.node, sub.name) ?? {};
  const { source } = sub.spec;
  if (asked === undefined || source === null || !dumpsLargeTables(asked)) return [];
  const index = context.tables.get(source) ?? noTables;
  const large = largeTables(tables, asked.threshold, index);
  if (large.length === 0) return [];
  if (holdTables === true) return large.map((it) => ({ ...it, notDumped: held }));
  const specs = sub.spec.publications.flatMap(
    (name) => want(context, 'publication', source, name)?.spec ?? [],
  );
  const withGenerated = specs.some(({ generatedColumns }) => generatedColumns === 'stored');
  const sent = new Map(sentTables(specs, index).map((it) => [formatName(it.table), it]));
  const encodings = [serverOf(context, source).encoding, serverOf(context, sub.node).encoding];
  return large.map((it) => {
    const name = formatName(it.table);
    const why = encodings.includes('SQL_ASCII')
      ? 'a database uses SQL_ASCII, and pg_dump sends UTF-8'
      : reasonOf(sent.get(name), index.get(name), withGenerated);
    return { ...it, notDumped: why };
  });
};

/** It would wait behind sessions that wait for the copy, and the copy for it. */
const held = 'hold_tables locks it, and pg_dump would have to lock it again in a later session';

const reasonOf = (
  sent: PublishedTable | undefined,
  table: Table | undefined,
  withGenerated: boolean,
): string | null => {
  if (sent === undefined || table === undefined) return 'it is not published';
  if (sent.where !== null) return 'it has a row filter, and pg_dump copies all rows';
  if (sent.columns !== null) return 'it has a column list, and pg_dump copies all columns';
  if (withGenerated && table.columns.some(({ generated }) => generated)) {
    return 'its generated columns are published, and pg_dump leaves them out';
  }
  return sentColumns(sent, table).length === 0 ? 'it has no columns to send' : null;
};

/** Whether this plan copies the rows of a table by pg_dump. */
export const isDumped = ({ spec }: Copy, sub: Subscription, context: PlanContext): boolean =>
  tablesToDump(sub, [spec.table], context).some(({ notDumped }) => notDumped === null) &&
  snapshotReader(sub, context) !== null;
