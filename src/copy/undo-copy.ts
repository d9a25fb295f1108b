// For a first copy that is cancelled: whatever the ledger says was copied goes, and what was put off is made again, on
// empty tables and so within moments. Again: does what is left to do.

import { formatName } from '../model/identifier.ts';
import { emptyTable } from './empty-table.ts';
import { readCopiedTables } from './ledger.ts';
import { makeAllAgain, patiently, type SettleRequest, withTarget } from './settle-copy.ts';

export type UndoRequest = Omit<SettleRequest, 'tables'>;

/** @throws SteepError */
export const undoCopy = (request: UndoRequest): Promise<void> => {
  const all: SettleRequest = { ...request, tables: [] };
  return withTarget(all, async (session) => {
    for (const table of await readCopiedTables(session, request.subscription)) {
      request.onProgress(`emptying ${formatName(table)}`);
      await patiently(all, session, () => emptyTable(session, request.subscription, table));
    }
    await makeAllAgain(all, session);
  });
};
