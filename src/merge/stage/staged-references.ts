// Whether staged rows, once they are written, can have made rows refer to nothing: the staged rows alone are read for that, and
// what they refer to. A merge that is not interrupted deletes no row.

import type { CheckedReference, MayDangle } from '../../catalog/repair/read-dangling.ts';
import type { Session } from '../../postgres/session.ts';
import type { TableKinds } from '../../postgres/sql/named-tables.ts';
import { countStaged, type RowStage, selectDangling } from './stage-sql.ts';
import type { StagedCounts } from './write-staged.ts';

/** @param stages of one node, by formatName of the table. */
export const stagedMayDangle =
  (stages: ReadonlyMap<string, RowStage>): MayDangle =>
  async (session, key, kinds) => {
    for (const name of key.referred) {
      const stage = stages.get(name);
      if (stage === undefined || (await changesReferred(session, stage, key))) return true;
    }
    for (const name of key.referring) {
      const stage = stages.get(name);
      if (stage === undefined || (await refersToNothing(session, stage, key, kinds))) return true;
    }
    return false;
  };

/** Rows that lose keep their key; other columns that are referred to may get other values. */
const changesReferred = async (
  session: Session,
  stage: RowStage,
  { toColumns }: CheckedReference,
): Promise<boolean> => {
  const key = stage.table.ends.b.key.map(({ column }) => column);
  if (toColumns.every((column) => key.includes(column))) return false;
  const [row] = await session.query<StagedCounts>(countStaged(stage));
  return row?.losing !== 0;
};

const refersToNothing = async (
  session: Session,
  stage: RowStage,
  key: CheckedReference,
  kinds: TableKinds,
): Promise<boolean> => {
  const statement = selectDangling(stage, key, kinds);
  if (statement === null) return true;
  const [row] = await session.query<{ readonly found: boolean }>(statement);
  return row?.found !== false;
};
