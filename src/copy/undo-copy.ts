// For a first copy that is cancelled: whatever the ledger says was copied goes, and what was put off is made again, on
// empty tables and so within moments. Again: does what is left to do.

import { readCopiedTables } from './fill/chunk-checkpoints.ts';
import { emptyAgain, makeAllAgain, type RecoverRequest, withTarget } from './recover-copy.ts';

export type UndoRequest = Omit<RecoverRequest, 'tables' | 'kept'>;

/** @throws SteepError */
export const undoTableCopy = (request: UndoRequest): Promise<void> =>
  withTarget({ ...request, tables: [], kept: [] }, async (settling) => {
    for (const table of await readCopiedTables(settling.session, request.subscription)) {
      await emptyAgain(settling, table);
    }
    await makeAllAgain(settling);
  });
