// Before the first row: what is to be copied, whether it can be, and how. Nothing is changed here.

import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import { actingRoleName } from '../postgres/acting-role.ts';
import { toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { anyColumns, type CodeGuard, usedBy } from './check/code-guard.ts';
import type { CopyRequest, CopyTuning } from './copy-request.ts';
import { mayBeReplica } from './copy-sessions.ts';
import { isBegun } from './fill/chunk-checkpoints.ts';
import type { CopiedTable, TargetTable, Transfer } from './fill/copy-table.ts';
import type { FillPlan } from './fill/fill-tables.ts';
import { atHeldSnapshot } from './read/at-snapshot.ts';
import { chooseTransfers } from './read/choose-transfers.ts';
import { readTablesToCopy } from './read/read-published.ts';
import { aimed, countedAtMost, readFilled, readTargets } from './read/read-targets.ts';

/** @throws SteepError COPY_BEGUN, COPY_UNFIT, RUNS_FOREIGN_CODE, COPY_TARGET_NOT_EMPTY, COPY_TRIGGERS or SNAPSHOT_LOST. */
export const prepareCopy = async (
  request: CopyRequest,
  source: Session,
  target: Session,
  { chunkBytes }: CopyTuning,
): Promise<FillPlan> => {
  await assertFresh(request, target);
  // Of the present: the snapshot does not show what was attached to a table since.
  await request.guard(source, 'scan', anyColumns(request.tables));
  const published = await atSnapshot(request, source);
  const targets = await readTargets(target, request.tables);
  const transfers = chooseTransfers({
    node: request.node,
    published,
    targets,
    sourceEncoding: await readEncoding(source),
    targetEncoding: await readEncoding(target),
    chunkBytes,
    dumped: new Set((request.dumps?.tables ?? []).map(formatName)),
  });
  await guardFilling(request.guard, target, transfers);
  await assertEmpty(request, request.tables, target);
  const replica = await mayFillUnchecked(request.node, targets, target);
  return { targets, transfers: aimed(transfers, targets), replica };
};

/** Before the first query that reads a table of the target. @throws SteepError RUNS_FOREIGN_CODE */
export const guardFilling = async (
  guard: CodeGuard,
  target: Session,
  transfers: readonly Transfer[],
): Promise<void> => {
  const tables = transfers.map(usedBy);
  await guard(target, 'fill', tables);
  await guard(target, 'scan', tables);
};

async function assertFresh({ node, subscription }: CopyRequest, target: Session): Promise<void> {
  if (!(await isBegun(target, subscription))) return;
  throw new SteepError(
    'COPY_BEGUN',
    `Node ${node}: an earlier copy of subscription ${subscription} was neither continued nor rolled back.`,
    {
      suggestions: [
        'Run the same command again: it first continues or rolls back the earlier copy.',
      ],
    },
  );
}

async function atSnapshot(
  { tables, publications, snapshot }: CopyRequest,
  source: Session,
): Promise<readonly CopiedTable[]> {
  return atHeldSnapshot(source, snapshot.name, () =>
    readTablesToCopy(source, tables, publications).catch((error: unknown) => {
      throw toFailure(error, { node: source.node, doing: 'reading what is published' });
    }),
  );
}

export const readEncoding = async (session: Session): Promise<string> => {
  const [row] = await session.query<{ readonly encoding: string }>(
    sql`SELECT pg_catalog.current_setting('server_encoding') AS encoding`,
  );
  return row?.encoding ?? 'UTF8';
};

/** @throws SteepError COPY_TARGET_NOT_EMPTY naming the tables that hold rows. */
export const assertEmpty = async (
  { node, guard }: Pick<CopyRequest, 'node' | 'guard'>,
  tables: readonly QualifiedName[],
  target: Session,
): Promise<void> => {
  const filled = await readFilled(target, tables, guard);
  if (filled.length === 0) return;
  const counts = filled.map(
    ({ table, rows }) =>
      `${formatName(table)} (${rows >= countedAtMost ? 'at least ' : ''}${rows} ${rows === 1 ? 'row' : 'rows'})`,
  );
  throw new SteepError(
    'COPY_TARGET_NOT_EMPTY',
    `Node ${node}: tables to be copied already have rows: ${counts.join(', ')}. Nothing was changed.`,
    {
      suggestions: [
        'Empty these tables if their rows are not needed, and run the same command again.',
      ],
    },
  );
};

/**
 * Whether the role may switch triggers and foreign keys off for its session.
 * @throws SteepError COPY_TRIGGERS where it may not, and there are some.
 */
export const mayFillUnchecked = async (
  node: NodeName,
  targets: readonly (TargetTable | null)[],
  target: Session,
): Promise<boolean> => {
  const replica = await mayBeReplica(target);
  const checked = targets.filter((table) => table !== null && table.checks.length > 0);
  if (replica || checked.length === 0) return replica;
  const [role] = await target.query<{ readonly name: string }>(
    sql`SELECT pg_catalog.quote_ident(${actingRoleName(target)}) AS name`,
  );
  throw firesTriggers(node, checked, role?.name ?? '');
};

const firesTriggers = (
  node: NodeName,
  checked: readonly (TargetTable | null)[],
  role: string,
): SteepError => {
  const names = checked.map(
    (table) => table && `${formatName(table.name)} (${table.checks.join(', ')})`,
  );
  return new SteepError(
    'COPY_TRIGGERS',
    `Node ${node}: triggers and foreign keys would act on the rows that are copied into ${names.join(', ')}, and the role may not set session_replication_role.`,
    {
      suggestions: [
        `From PostgreSQL 15, as a superuser of node ${node}: GRANT SET ON PARAMETER session_replication_role TO ${role};`,
        'Or disable these triggers, drop these foreign keys, and create them again after the copy.',
      ],
    },
  );
};
