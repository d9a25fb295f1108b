// The end of a copy: sequences, and the proof that what was confirmed is there. As a task, since the sessions of the
// beginning may be hours old.

import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { setSequences } from './check/advance-sequences.ts';
import { assertUnchanged } from './check/check-tables.ts';
import type { CheckJob } from './check/check-tasks.ts';
import type { FillRequest } from './copy-request.ts';
import { countChunks } from './fill/chunk-checkpoints.ts';
import type { Transfer } from './fill/copy-table.ts';
import type { Origin } from './fill/origin.ts';
import { readDeferred } from './indexes/deferred-records.ts';
import type { Task } from './run-tasks.ts';

export const finishTask = (
  { request, rounds, changed }: CheckJob,
  positions: Origin['positions'],
): Task => ({
  doing: 'finishing the copy',
  tables: [],
  rank: 0,
  size: 0,
  run: async (worker) => {
    const target = await worker.target();
    await setSequences(target, request.tables, await positions(worker));
    await assertComplete(request, target, rounds.transfers());
    assertUnchanged(request.node, [...changed.values()]);
    return [];
  },
});

/** After a failover to a standby that lagged, chunks and whole indexes may be gone, with their records. */
async function assertComplete(
  { node, subscription }: FillRequest,
  target: Session,
  transfers: readonly Transfer[],
): Promise<void> {
  const chunks = await countChunks(target, subscription);
  const lacking = transfers
    .map(({ table, chunks: { length } }) => ({ name: formatName(table.name), length }))
    .filter(({ name, length }) => chunks.get(name) !== length)
    .map(({ name }) => name);
  const deferred = await readDeferred(target, subscription);
  const missing = [...lacking, ...deferred.map(({ kind, name }) => `${kind} ${name}`)];
  if (missing.length === 0) return;
  throw new SteepError(
    'COPY_INCOMPLETE',
    `Node ${node}: rows that the server had confirmed are missing: ${missing.join(', ')}.`,
    {
      suggestions: [
        'Run the same command again: complete tables are kept, and the others are copied again.',
      ],
    },
  );
}
