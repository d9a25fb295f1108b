// What a run does on the sessions to its nodes, again where a connection was lost: once the server has ended what was in
// flight, so that what is read then is final.

import { serverFailure } from '../../postgres/failures.ts';
import { backoff, isBroken, passingTries } from '../../postgres/retry/passing-failures.ts';
import type { Assignment } from './assignment.ts';
import type { RunContexts } from './run-context.ts';

/**
 * The body must be repeatable. A run that is to end, or has lost a run lock, tries nothing again: another run may have
 * the nodes.
 * @throws the first failure, which says what was being done.
 */
export const reconnecting = async <T>(
  { nodes }: Pick<Assignment, 'nodes'>,
  { signal, sleep }: RunContexts['context'],
  body: () => Promise<T>,
): Promise<T> => {
  let first: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await nodes.reopen();
      return await body();
    } catch (error) {
      first ??= error;
      const failure = serverFailure(error, 'connecting again');
      const isHopeful = failure !== null && isBroken(failure) && attempt < passingTries;
      if (!isHopeful || signal.aborted) throw first;
      // Also in this time, the end of a run lock is noticed that was lost with the same server.
      await sleep(backoff(attempt)).catch(() => undefined);
      if (signal.aborted) throw first;
    }
  }
};
