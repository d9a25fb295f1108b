// What the engine asks before it uses tables: whether code of roles that are not trusted would run. And the lock under
// which the answer stays true.

import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { TableUse, UsedTable } from '../../model/state/foreign-code.ts';
import { isLockFailure } from '../../postgres/failures.ts';
import { GaveWay } from '../../postgres/retry/passing-failures.ts';
import type { Session } from '../../postgres/session.ts';
import { type Exposed, readExposed } from '../../postgres/sql/exposed-tables.ts';
import { holdDomains } from '../../postgres/sql/held-names.ts';
import { lockTables, type TableKinds } from '../../postgres/sql/named-tables.ts';
import type { KeptTables } from '../definitions/keepers.ts';
import type { Transfer } from '../fill/copy-table.ts';

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
 * replaces them; nor does a role that is not trusted attach a partition, create an index concurrently, or change the default
 * of a domain. A constraint can be added to a domain all the same: no lock keeps that away.
 * @param kept By formatName: exposed tables that a session beside this one has locked against that, since several
 * sessions fill them.
 * @throws SteepError RUNS_FOREIGN_CODE, TABLE_REPLACED
 */
export const lockAndGuard = async (
  session: Session,
  guard: CodeGuard,
  uses: readonly TableUse[],
  tables: readonly UsedTable[],
  kept: KeptTables = new Map(),
): Promise<TableKinds> => {
  const names = tables.map(({ name }) => name);
  const exposed = await readExposed(session, names);
  const isKept = (name: QualifiedName): boolean => kept.has(formatName(name));
  const own = names.filter((name) => exposed.has(formatName(name)) && !isKept(name));
  await lockKept(session, names.filter(isKept));
  await lockTables(session, own, 'SHARE UPDATE EXCLUSIVE');
  const kinds = await lockTables(session, names, 'ROW EXCLUSIVE');
  if (uses.includes('fill')) await holdDomains(session, names);
  for (const use of uses) await guard(session, use, tables);
  assertProtected(session, await readExposed(session, names), { own, kept });
  return kinds;
};

/** A blocking session waits for another session of this copy, which waits for this one. @throws GaveWay */
const lockKept = (session: Session, names: readonly QualifiedName[]): Promise<unknown> =>
  lockTables(session, names, 'ROW EXCLUSIVE', { nowait: true }).catch((error: unknown) => {
    throw isLockFailure(error) ? new GaveWay(session.node, error) : error;
  });

/** The owner of a schema can drop a table, or rename the schema, and give the name to a table of its own. */
function assertProtected(
  { node }: Session,
  exposed: Exposed,
  { own, kept }: { readonly own: readonly QualifiedName[]; readonly kept: KeptTables },
): void {
  const locked = new Set(own.map(formatName));
  const open = [...exposed].filter(
    ([name, oid]) => !locked.has(name) && kept.get(name)?.oid !== oid,
  );
  if (open.length > 0) {
    const tables = open.map(([name]) => name).join(', ');
    throw new SteepError(
      'TABLE_REPLACED',
      `Node ${node}: these tables were replaced, or given to another owner, before steep could use them: ${tables}. Nothing was changed in them.`,
      {
        suggestions: ['Check which objects have these names now, and run the same command again.'],
      },
    );
  }
  for (const { assertHeld } of kept.values()) assertHeld();
}
