// The same repair as an SQL script, to review it or to run it manually: with the values as they are now.

import { planRows, type RowWork } from '../../compare/repair/plan-rows.ts';
import { nameOfKey, readWholeRows, type WholeRow } from '../../compare/repair/read-rows.ts';
import {
  type GuardEnd,
  type RepairedTable,
  readRepairedTable,
} from '../../compare/repair/repaired-table.ts';
import { formatName } from '../../model/identifier.ts';
import { printable } from '../../model/printable.ts';
import type { RepairPlan } from '../../model/report/repair.ts';
import { scriptSettings } from '../../model/script-settings.ts';
import { onlyTable } from '../../postgres/sql/named-tables.ts';
import { ddl, ident, join, literal, qualified, type Sql } from '../../postgres/sql/sql.ts';
import type { ComparedEdge } from '../verify/compared-edge.ts';
import type { FoundKeys } from './find-keys.ts';
import { type TableToWrite, toKeys } from './write-tables.ts';

const keysAtOnce = 1000;

const head = ({ address, source, node }: RepairPlan): string =>
  [
    `-- steep repair ${printable(address)}: rows of node ${printable(node)} as node ${printable(source)} has them`,
    '-- Each UPDATE and DELETE names the version of the row: a row that has changed meanwhile stays as it is.',
    '-- steep repair itself also waits for replication, locks the rows of the publisher, tags what it writes with an',
    '-- origin, and keeps each row that is overwritten or deleted.',
    'BEGIN;',
    ...scriptSettings('SET LOCAL'),
    'SET LOCAL session_replication_role = replica;',
    '',
  ].join('\n');

export const writeScript = async (
  plan: RepairPlan,
  tables: readonly TableToWrite[],
  { more }: FoundKeys,
  { publisher, subscriber }: ComparedEdge,
  { guard, write }: { readonly guard: GuardEnd; readonly write: (piece: string) => void },
): Promise<void> => {
  write(head(plan));
  for (const part of tables) {
    const table = await readRepairedTable(part.table, publisher, subscriber, guard);
    write(`\n-- ${printable(formatName(part.table.table))}\n`);
    const keys = toKeys(part.keys, { repaired: table, findings: part.findings });
    for (let from = 0; from < keys.length; from += keysAtOnce) {
      const some = keys.slice(from, from + keysAtOnce);
      const rowsA = await readWholeRows(publisher, table.ends.a, some, table.written, table.hold);
      const rowsB = await readWholeRows(subscriber, table.ends.b, some, table.kept, table.hold);
      for (const key of some) {
        const name = nameOfKey(key);
        const keyed = table.ends.a.key.length > 0;
        const [a, b] = [rowsA.get(name) ?? [], rowsB.get(name) ?? []];
        write(
          statementsOf(planRows(key, a, b, keyed), table)
            .map(({ display }) => `${display};\n`)
            .join(''),
        );
      }
    }
  }
  write(`${more ? '-- There are more rows than these.\n' : ''}COMMIT;\n`);
};

const value = (text: string | null | undefined): Sql =>
  text === null || text === undefined ? ddl`NULL` : literal(text);

const where = ({ version }: WholeRow): Sql => {
  const [table = '', place = '', xmin = ''] = version.split(' ');
  return ddl`WHERE tableoid = ${literal(table)} AND ctid = ${literal(place)} AND xmin = ${literal(xmin)}`;
};

const statementsOf = (
  { inserts, updates, deletes }: RowWork,
  { ends, written, stored }: RepairedTable,
): readonly Sql[] => {
  const only = onlyTable(ends.b.table, ends.b.kinds);
  const fixed = new Set(
    stored.filter(({ identityAlways }) => identityAlways).map(({ name }) => name),
  );
  const insert = ({ row }: WholeRow): Sql =>
    ddl`INSERT INTO ${qualified(ends.b.table)} (${join(written.map(ident))}) OVERRIDING SYSTEM VALUE VALUES (${join(written.map((name) => value(row.get(name))))})`;
  return [
    ...deletes.map((row) => ddl`DELETE FROM ${only} ${where(row)}`),
    ...updates.map(({ from, to }) => {
      const changed = written.filter(
        (name) => !fixed.has(name) && to.row.get(name) !== from.row.get(name),
      );
      const set = changed.map((name) => ddl`${ident(name)} = ${value(to.row.get(name))}`);
      return ddl`UPDATE ${only} SET ${join(set)} ${where(from)}`;
    }),
    ...inserts.map(insert),
  ];
};
