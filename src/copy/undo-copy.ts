// For an initial copy that is cancelled: whatever the copy checkpoints say was copied goes, and what was deferred is
// re-created, on empty tables and so within moments. Again: does what is left to do.

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
