// The last look before a subscription reads, in the transaction that creates it, which is rolled back where anything is not as
// it was copied: its slot, its publications, and the tables on both ends.

import { readRenamedTargets } from '../../catalog/copies/read-renamed-targets.ts';
import { readReplacedTables } from '../../catalog/copies/read-replaced-tables.ts';
import { readAttemptDoubt, readNotedAttempts } from '../../catalog/slots/read-slot-identity.ts';
import { assertUnchanged, findChangedNow } from '../../copy/check/check-tables.ts';
import { slotChanged, tablesReplaced } from '../../copy/copy-failures.ts';
import { readCopiedTables } from '../../copy/fill/chunk-checkpoints.ts';
import { readCheckpointsKey } from '../../metadata/copy-attempt.ts';
import { type ChangedTable, otherTarget } from '../../model/copy/changed-table.ts';
import type { TableMark } from '../../model/copy/table-mark.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { NotedAttempt } from '../../model/state/noted-attempt.ts';
import type { CreateSubscription } from '../../model/step/subscription-steps.ts';
import type { Session } from '../../postgres/session.ts';
import type { RunContext } from '../executor.ts';

/**
 * @throws SteepError COPY_SLOT_LOST, COPY_SLOT_CHANGED, COPY_PUBLICATION_CHANGED, COPY_TABLE_REPLACED, COPY_CHANGED,
 * INIT_ROWS_DIFFER.
 */
export const assertAsCopied = async (
  step: CreateSubscription,
  metadata: Session,
  context: RunContext,
): Promise<void> => {
  const found = await readCheckpointsKey(metadata, step);
  const tables = found === null ? [] : await readCopiedTables(metadata, found.key);
  const copied: Copied = {
    key: found?.key ?? null,
    isLoaded: found?.checkpointsKey != null,
    tables,
  };
  const noted = (await readNotedAttempts(metadata, metadataVersion)).get(step.subscription);
  const marks = noted === undefined ? [] : marksOf(noted, copied);
  if (noted !== undefined) await assertSameSource(step, { noted, marks, copied }, context);
  const renamed = await readRenamedTargets(metadata, marks);
  const names = new Set(renamed.map(({ table }) => formatName(table)));
  const moved = await findMoved(step, copied, metadata, context);
  assertUnchanged(step.node, [
    ...renamed,
    ...moved.filter(({ table }) => !names.has(formatName(table))),
  ]);
};

interface Copied {
  /** Under which the checkpoints have its rows; null: steep copied none. */
  readonly key: string | null;
  /** From a snapshot on storage. */
  readonly isLoaded: boolean;
  readonly tables: readonly QualifiedName[];
}

const marksOf = (noted: NotedAttempt, { tables }: Copied): readonly TableMark[] => {
  const names = new Set(tables.map(formatName));
  return (noted.tables ?? []).filter((table) => names.has(formatName(table)));
};

interface NotedCopy {
  readonly noted: NotedAttempt;
  readonly marks: readonly TableMark[];
  readonly copied: Copied;
}

const assertSameSource = async (
  { source, slot, publications }: CreateSubscription,
  { noted, marks, copied }: NotedCopy,
  context: RunContext,
): Promise<void> => {
  const session = await context.openSession(source);
  try {
    const doubt = await readAttemptDoubt(session, slot, noted);
    if (doubt !== null) throw slotChanged(source, doubt);
    const replaced = await readReplacedTables(session, marks, publications);
    if (replaced.length > 0) throw tablesReplaced(source, replaced, copied.isLoaded);
  } finally {
    await session.close();
  }
};

/**
 * Of the tables whose rows this run has proven: whether another one has its name by now, and of those with other partitions or
 * another file, whether they still hold exactly these rows.
 */
const findMoved = async (
  { node, restored }: CreateSubscription,
  { key, tables }: Copied,
  metadata: Session,
  { seen, guard }: RunContext,
): Promise<readonly ChangedTable[]> => {
  const { replaced, altered } = await seen.moved(metadata);
  if (restored === true) assertNoneMoved(node, [...replaced, ...altered]);
  if (key === null || replaced.length + altered.length === 0) return [];
  const names = new Set(tables.map(formatName));
  const others = replaced.filter((table) => names.has(formatName(table)));
  return [...others.map(otherTable), ...(await findChangedNow(metadata, key, altered, guard))];
};

const otherTable = (table: QualifiedName): ChangedTable => ({
  table,
  expected: 0,
  found: null,
  foreign: 0,
  replaced: otherTarget,
});

const assertNoneMoved = (node: NodeName, tables: readonly QualifiedName[]): void => {
  if (tables.length === 0) return;
  throw new SteepError(
    'INIT_ROWS_DIFFER',
    `Node ${node}: tables were replaced or rewritten, or got other partitions, after their rows were compared: ${tables.map(formatName).join(', ')}.`,
    { suggestions: ['Run the same command again: all rows are compared again.'] },
  );
};
