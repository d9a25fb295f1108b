// Before a snapshot is loaded: tables that hold other rows are refused, or emptied after consent.

import { readCopiedTables } from '../../copy/fill/chunk-checkpoints.ts';
import { type Emptying, emptyTable } from '../../copy/fill/empty-table.ts';
import { countedAtMost, type Filled, readFilled } from '../../copy/read/read-targets.ts';
import { type ChangedTable, describeChange } from '../../model/copy/changed-table.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { ChosenNode } from '../chosen-nodes.ts';

const cureOfChange =
  'Run the same command with --force: it empties these tables and loads them again.';

/** Whose rows they are now, nothing tells: they are removed only where that was asked for. */
export const assertAsLoaded = (
  { name }: Pick<ChosenNode, 'name'>,
  changed: readonly ChangedTable[],
): void => {
  if (changed.length === 0) return;
  throw new SteepError(
    'SNAPSHOT_CHANGED',
    `Node ${name}: tables do not have the rows that were loaded into them: ${changed.map(describeChange).join('; ')}.`,
    { exit: ExitCode.refused, suggestions: [cureOfChange] },
  );
};

/**
 * What is emptied: under which key of the copy checkpoints, if `confirm` agrees, and as far as its triggers may run.
 */
export interface EmptyRequest extends Emptying {
  readonly confirm: (tables: readonly string[]) => Promise<boolean>;
}

/** Tables with rows that are not of this snapshot, or not only. Returns their names. */
export const emptyOthers = async (
  { name, session }: Pick<ChosenNode, 'name' | 'session'>,
  tables: readonly QualifiedName[],
  changed: readonly ChangedTable[],
  request: EmptyRequest,
): Promise<readonly string[]> => {
  const { subscription, confirm } = request;
  const own = new Set((await readCopiedTables(session, subscription)).map(formatName));
  for (const { table } of changed) own.delete(formatName(table));
  const others = tables.filter((table) => !own.has(formatName(table)));
  const filled = await readFilled(session, others, request.guard);
  const empty = changed.filter(({ found }) => found === 0);
  if (filled.length > 0 && !(await confirm(filled.map(withRows)))) {
    throw new SteepError('CONSENT_DECLINED', 'Declined: nothing was changed.');
  }
  try {
    for (const { table } of [...empty, ...filled]) await emptyTable(session, request, table);
  } catch (error) {
    throw toFailure(error, { node: name, doing: 'emptying tables' });
  }
  return filled.map(({ table }) => formatName(table));
};

const withRows = ({ table, rows }: Filled): string =>
  `${formatName(table)}: ${rows >= countedAtMost ? 'at least ' : ''}${rows} rows`;
