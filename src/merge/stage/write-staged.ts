// Writes the staged rows of a table to its node: rows, audit and proof in one statement each.

import { isCollision, type WrittenRows } from '../../compare/repair/write-rows.ts';
import { noteSelected } from '../../metadata/merge-audit.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import type { TableKinds } from '../../postgres/sql/named-tables.ts';
import type { Sql } from '../../postgres/sql/sql.ts';
import { inSavepoint } from '../write-decisions.ts';
import { assertStageTypes } from './assert-stage.ts';
import {
  countEqual,
  insertMissing,
  preferKeys,
  type RowStage,
  selectLosing,
  updateStaged,
} from './stage-sql.ts';

export interface StagedWork {
  readonly runId: string;
  readonly winner: NodeName;
  /** In the transaction that holds the tables. */
  readonly session: Session;
  readonly kinds: TableKinds;
  readonly rows: StagedCounts;
}

export interface StagedCounts {
  readonly rows: number;
  readonly losing: number;
}

/** Rolls back what single statements cannot do, so that it is done row by row. */
class NotAllAtOnce extends Error {}

/**
 * Null: rows exchange values of unique constraints, or are not stored as they were read; nothing is written then.
 * @throws SteepError MERGE_COLUMNS, pg's error.
 */
export const writeStaged = async (
  stage: RowStage,
  work: StagedWork,
): Promise<WrittenRows | null> => {
  if (work.rows.rows === 0) return { inserted: 0, overwritten: 0, deleted: 0 };
  await assertStageTypes(work.session, stage);
  try {
    return await inSavepoint(work.session, () => write(stage, work));
  } catch (error) {
    if (error instanceof NotAllAtOnce || isCollision(error)) return null;
    throw error;
  }
};

const bytesARow = 100;
const fewOf = 5;

const write = async (
  stage: RowStage,
  { runId, winner, session, kinds, rows: { rows, losing } }: StagedWork,
): Promise<WrittenRows> => {
  const { table, bytes } = stage.table.ends.b;
  const count = async (statement: Sql): Promise<number> => {
    const [row] = await session.query<{ readonly rows: number }>(statement);
    return row?.rows ?? 0;
  };
  const few = rows * fewOf < bytes / bytesARow;
  if (few) await session.query(preferKeys(true));
  const inserted = rows - losing;
  if (losing > 0 && (await count(updateStaged(stage, kinds))) !== losing) throw new NotAllAtOnce();
  if (inserted > 0 && (await count(insertMissing(stage))) !== inserted) throw new NotAllAtOnce();
  const counts = { inserted, overwritten: losing, deleted: 0 };
  const audited = losing > 0 ? selectLosing(stage) : null;
  await noteSelected(session, runId, { table, winner }, audited, counts);
  if ((await count(countEqual(stage, kinds))) !== rows) throw new NotAllAtOnce();
  if (few) await session.query(preferKeys(false));
  return counts;
};
