// At the moment of use: whether a table would run code without consent. A plan says it before; what is attached to a
// table after that is refused here.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import {
  type ConsentedCode,
  describeForeignCode,
  type ForeignCode,
  runsWith,
  type TableUse,
  type UsedTable,
} from '../../model/state/foreign-code.ts';
import type { Session } from '../../postgres/session.ts';
import { readForeignCode } from './read-foreign-code.ts';

const usual: readonly string[] = [
  'Run the same command again: its plan names each table, and how to allow or avoid it.',
];

/**
 * The session must see the present, and the tables should be locked where that is possible.
 * @throws SteepError RUNS_FOREIGN_CODE (exit 3), which names the tables, the functions and their owners.
 */
export const assertAgreed = async (
  session: Session,
  use: TableUse,
  tables: readonly UsedTable[],
  consented: readonly ConsentedCode[],
  suggestions: readonly string[] = usual,
): Promise<void> => {
  const names = tables.map(({ name }) => name);
  const columns = new Map(
    tables.map(({ name, columns: sent }) => [formatName(name), sent && new Set(sent)]),
  );
  const found = (await readForeignCode(session, names, [use])).filter(
    (code) =>
      runsWith(code, columns.get(code.table) ?? null) && !isAgreed(session.node, code, consented),
  );
  if (found.length === 0) return;
  throw new SteepError(
    'RUNS_FOREIGN_CODE',
    `Node ${session.node}: using these tables would run code of roles that the role of steep does not trust, with its rights: ${listOf(found)}. It was not run.`,
    { exit: ExitCode.refused, suggestions },
  );
};

const isAgreed = (node: string, code: ForeignCode, consented: readonly ConsentedCode[]): boolean =>
  consented.some(
    (it) =>
      it.node === node &&
      it.table === code.table &&
      it.function === code.function &&
      it.owner === code.owner,
  );

const shown = 5;

const listOf = (found: readonly ForeignCode[]): string => {
  const all = [...new Set(found.map((code) => `${code.table}: ${describeForeignCode(code)}`))];
  const more = all.length > shown ? `; and ${all.length - shown} more` : '';
  return `${all.slice(0, shown).join('; ')}${more}`;
};
