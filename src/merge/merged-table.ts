// A table of both nodes that are merged: the same columns and types, a key, and how each node stores its rows.

import type { TableToCompare } from '../compare/difference/compared-table.ts';
import { readHashVersion } from '../compare/hash-version.ts';
import {
  type GuardEnd,
  type RepairedTable,
  readRepairEnd,
  repairedTable,
} from '../compare/repair/repaired-table.ts';
import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { MergeRule, MergeSide } from '../model/state/merge.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { inBoth } from './in-both.ts';

/** One session of each node. */
export type BothNodes = Readonly<Record<MergeSide, Session>>;

export const otherSide = (side: MergeSide): MergeSide => (side === 'a' ? 'b' : 'a');

export interface MergedTable {
  readonly compared: TableToCompare;
  /** By the node that is written to; the other one is end `a` of it. */
  readonly onto: Readonly<Record<MergeSide, RepairedTable>>;
}

/** A merge that is interrupted reads changes as the server stores text. @throws SteepError MERGE_ENCODING */
const assertUnicode = async (session: Session): Promise<void> => {
  const [row] = await session.query<{ readonly encoding: string }>(
    sql`SELECT pg_catalog.current_setting('server_encoding') AS encoding`,
  );
  if (row?.encoding === 'UTF8') return;
  throw refuse(
    'MERGE_ENCODING',
    `The database of node ${session.node} has the encoding ${row?.encoding ?? '?'}: a merge needs UTF8.`,
    'Bring the database to UTF8 first: pg_dump, and pg_restore into a database with ENCODING UTF8.',
  );
};

/** @throws SteepError COMPARE_HASHES */
const assertSameHashes = async ({ a, b }: BothNodes): Promise<void> => {
  const found = await inBoth((side) => readHashVersion(side === 'a' ? a : b));
  if (found.a === found.b) return;
  throw refuse(
    'COMPARE_HASHES',
    `Nodes ${a.node} and ${b.node} compute different hashes of the same row, so their rows cannot be compared.`,
    'Compare their encodings: SHOW server_encoding;',
  );
};

interface Column {
  readonly name: string;
  readonly type: string;
  readonly generated: boolean;
}

/** @throws SteepError MERGE_COLUMNS: last-modified has nothing to compare. */
export const assertModified = (
  { table, columns }: TableToCompare,
  { modifiedColumn }: MergeRule,
): void => {
  if (modifiedColumn === null || columns.includes(modifiedColumn)) return;
  throw refuse(
    'MERGE_COLUMNS',
    `Table ${formatName(table)} has no column ${modifiedColumn}, which last-modified is to compare.`,
    'Name the column of this table in steep.yaml, or give it another strategy: init.tables.',
  );
};

/** While tables are locked, writers wait for this: both nodes are read at once. @param held as of repairedTable. @throws SteepError MERGE_COLUMNS, MERGE_ENCODING, MERGE_NO_KEY, HASH_TYPE_UNTRUSTED, RUNS_FOREIGN_CODE, TABLE_REPLACED. */
export const readMergedTable = async (
  table: QualifiedName,
  nodes: BothNodes,
  guard: GuardEnd,
  held = false,
): Promise<MergedTable> => {
  await inBoth((side) => assertUnicode(nodes[side]));
  await assertSameHashes(nodes);
  const found = await inBoth((side) => readColumns(nodes[side], table));
  assertSame(table, found.a, found.b);
  const columns = found.a.filter(({ generated }) => !generated).map(({ name }) => name);
  const compared = { table, columns, where: null };
  const { a, b } = await inBoth((side) => readRepairEnd(nodes[side], compared, guard));
  const onto = {
    b: repairedTable(compared, { from: a, to: b }, guard, held),
    a: repairedTable(compared, { from: b, to: a }, guard, held),
  };
  assertKey(table, onto);
  return { compared, onto };
};

const readColumns = (
  session: Session,
  { schema, name }: QualifiedName,
): Promise<readonly Column[]> =>
  session.query<Column>(sql`
    SELECT a.attname::text AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, a.attgenerated <> '' AS generated
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relname = ${name}
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = ${schema}
     WHERE a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attname COLLATE "C"`);

const refuse = (code: string, message: string, suggestion: string): SteepError =>
  new SteepError(code, message, { exit: ExitCode.refused, suggestions: [suggestion] });

const assertSame = (table: QualifiedName, a: readonly Column[], b: readonly Column[]): void => {
  const text = ({ name, type, generated }: Column): string =>
    `${name} ${type}${generated ? ' generated' : ''}`;
  const [left, right] = [new Set(a.map(text)), new Set(b.map(text))];
  const differing = [...left].filter((it) => !right.has(it));
  differing.push(...[...right].filter((it) => !left.has(it)));
  if (differing.length === 0) return;
  throw refuse(
    'MERGE_COLUMNS',
    `Table ${formatName(table)} does not have the same columns on both nodes: ${differing.join(', ')}.`,
    'Make the columns of both nodes the same: steep schema diff shows how they differ.',
  );
};

const assertKey = (table: QualifiedName, onto: MergedTable['onto']): void => {
  const keys = [onto.a, onto.b].flatMap(({ ends }) => [ends.a, ends.b]);
  const isUsable = keys.every(
    ({ key, indexed }) =>
      key.length > 0 &&
      indexed &&
      key.every(({ builtIn, base }) => builtIn !== null || base?.schema === 'pg_catalog'),
  );
  const names = keys.map(({ key }) => key.map(({ column }) => column).join(' '));
  if (isUsable && names.every((it) => it === names[0])) return;
  throw refuse(
    'MERGE_NO_KEY',
    `Table ${formatName(table)} has no key by which its rows are the same rows on both nodes: a primary key, or a unique index of NOT NULL columns, with the same columns on both, of types that are built in.`,
    'Give the table a primary key on both nodes, or take it out of the pair.',
  );
};
