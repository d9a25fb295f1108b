// What the engine asks before it uses tables: whether code of roles that are not trusted would run. And the lock under
// which the answer stays true.

import type { TableUse, UsedTable } from '../model/foreign-code.ts';
import type { QualifiedName } from '../model/identifier.ts';
import { lockTables, type TableKinds } from '../postgres/named-tables.ts';
import type { Session } from '../postgres/session.ts';
import type { Transfer } from './copy-table.ts';

/** @throws SteepError RUNS_FOREIGN_CODE where that was not agreed to. */
export type CodeGuard = (
  session: Session,
  use: TableUse,
  tables: readonly UsedTable[],
) => Promise<void>;

/** Where it was agreed to, whatever it is. */
export const runsAnything: CodeGuard = async () => undefined;

/** Of tables of which any column may get a value. */
export const anyColumns = (names: readonly QualifiedName[]): readonly UsedTable[] =>
  names.map((name) => ({ name, columns: null }));

/** The table of a transfer, with the columns that it brings. */
export const usedBy = ({ table }: Transfer): UsedTable => ({
  name: table.name,
  columns: table.columns.map(({ name }) => name),
});

/**
 * Until the end of the transaction no other session adds a trigger, a constraint, a default or an index to the tables, or
 * replaces them. A constraint can be added to a domain all the same: that takes no lock of the tables that use it.
 * @throws SteepError RUNS_FOREIGN_CODE, TABLE_REPLACED
 */
export const lockAndGuard = async (
  session: Session,
  guard: CodeGuard,
  uses: readonly TableUse[],
  tables: readonly UsedTable[],
): Promise<TableKinds> => {
  const names = tables.map(({ name }) => name);
  const kinds = await lockTables(session, names, 'ROW EXCLUSIVE');
  for (const use of uses) await guard(session, use, tables);
  return kinds;
};
