// Whether the rows that a user restored are those that the source had where the slot begins.

import { readHashVersion } from '../../compare/hash-version.ts';
import { readTableEvidence } from '../../compare/read-evidence.ts';
import { anyColumns, type CodeGuard } from '../../copy/check/code-guard.ts';
import type { Evidence, TableEvidence } from '../../model/copy/manual-init.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { sqlState } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { lockTables } from '../../postgres/sql/named-tables.ts';

/** undefined_table, undefined_column, insufficient_privilege: the table is not what it should be. */
const unreadable: ReadonlySet<string | null> = new Set(['42P01', '42703', '42501', '3F000']);

/** All rows of the table count here: one that the filter would not send has no business there. */
const readHere = async (
  session: Session,
  expected: TableEvidence,
  kind: Evidence['kind'],
  guard: CodeGuard,
): Promise<TableEvidence | string> => {
  try {
    return await session.transaction({ readOnly: true }, async () => {
      await lockTables(session, [expected.table]);
      await guard(session, 'scan', anyColumns([expected.table]));
      return readTableEvidence(session, { ...expected, where: null }, kind);
    });
  } catch (error) {
    if (!unreadable.has(sqlState(error))) throw error;
    return (error as Error).message;
  }
};

/** Null: they are the same. */
const difference = (expected: TableEvidence, found: TableEvidence | string): string | null => {
  const name = formatName(expected.table);
  if (typeof found === 'string') return `${name}: ${found}`;
  if (found.rows !== expected.rows) return `${name}: ${found.rows} rows, not ${expected.rows}`;
  return found.hash === expected.hash
    ? null
    : `${name}: ${found.rows} rows, some of them different`;
};

const mostShown = 20;

const assertComparable = async (
  session: Session,
  { kind, hashVersion }: Evidence,
): Promise<void> => {
  if (kind === 'counts' || hashVersion === (await readHashVersion(session))) return;
  throw new SteepError(
    'INIT_EVIDENCE_VERSION',
    `The evidence of the rows was recorded with another kind of hash than this version of steep computes on node ${session.node}, so the rows cannot be compared.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Prepare again with this version of steep, and restore a dump of the new snapshot: steep init prepare … --renew',
        'If both servers have the same version and still disagree, compare the number of rows only: steep init prepare … --renew --evidence counts',
      ],
    },
  );
};

/** @throws SteepError RUNS_FOREIGN_CODE, INIT_EVIDENCE_VERSION, INIT_ROWS_DIFFER (exit 3), which names the tables. */
export const assertSameRows = async (
  session: Session,
  evidence: Evidence,
  guard: CodeGuard,
): Promise<void> => {
  await guard(session, 'scan', anyColumns(evidence.tables.map(({ table }) => table)));
  await assertComparable(session, evidence);
  const { kind, tables } = evidence;
  const differences: string[] = [];
  for (const expected of tables) {
    const found = difference(expected, await readHere(session, expected, kind, guard));
    if (found !== null) differences.push(found);
  }
  if (differences.length === 0) return;
  const left = differences.length - mostShown;
  throw new SteepError(
    'INIT_ROWS_DIFFER',
    `${differences.length} of ${tables.length} tables of node ${session.node} do not have the rows of the snapshot:\n${[...differences.slice(0, mostShown), ...(left > 0 ? [`and ${left} more`] : [])].join('\n')}`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Empty these tables, restore them from a dump that was taken with the snapshot, prevent writes to them, and run the same command again.',
        'Without such a dump, start over: steep init prepare … --renew',
      ],
    },
  );
};
