// A stage got the types of its table when it was created. To store a value of another type runs casts and the checks of
// domains, and the owner of the table can have given it such a type for that moment.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { Session } from '../../postgres/session.ts';
import { differingColumns, type RowStage } from './stage-sql.ts';

/** In the transaction that holds the table. @throws SteepError MERGE_COLUMNS */
export const assertStageTypes = async (session: Session, stage: RowStage): Promise<void> => {
  const columns = await session.query<{ readonly name: string }>(differingColumns(stage));
  if (columns.length === 0) return;
  const table = formatName(stage.table.ends.b.table);
  const names = columns.map(({ name }) => name).join(', ');
  throw new SteepError(
    'MERGE_COLUMNS',
    `Node ${session.node}: types of columns of table ${table} were changed while it was merged: ${names}. Its rows were not written.`,
    {
      exit: ExitCode.refused,
      suggestions: ['Find out who changed them, and run the same command again.'],
    },
  );
};
