// For commands without a plan that create, alter or drop something: whether event triggers would run code without consent.

import { SteepError } from '../../model/errors.ts';
import { listNames } from '../../model/listing.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { describeEventTrigger } from '../../model/state/foreign-code.ts';
import type { Session } from '../../postgres/session.ts';
import { readEventTriggers } from './read-event-triggers.ts';

/**
 * @param sessions of one node: of its database, and of that with its steep_repl.
 * @throws SteepError RUNS_FOREIGN_CODE (exit 3), which names the functions and their owners.
 */
export const assertNoEventTriggers = async (
  node: string,
  sessions: ReadonlySet<Session>,
  suggestions: readonly string[],
): Promise<void> => {
  const found = await readEventTriggers(sessions);
  if (found.length === 0) return;
  throw new SteepError(
    'RUNS_FOREIGN_CODE',
    `Node ${node}: the statements of this command fire event triggers, which run functions of roles that the role of steep does not trust, with its rights: ${listNames(found.map(describeEventTrigger))}. Nothing was changed.`,
    { exit: ExitCode.refused, suggestions },
  );
};
