// Sessions that hold what another one waits for, in words.

import { SteepError } from '../errors.ts';
import type { Blocker } from '../event.ts';
import type { ExitCode } from './exit-code.ts';

export const describeBlockers = (blockers: readonly Blocker[]): string =>
  blockers.map(describe).join(', ');

const describe = ({ pid, application, state, ageSeconds }: Blocker): string =>
  `pid ${pid} (${application || 'no application name'}, ${state}) for ${ageSeconds} s`;

/** The failure to get a lock, with who held it at the last look; if no session did: with what it said before. */
export const heldBy = (
  failure: SteepError,
  blockers: readonly Blocker[],
  exit: ExitCode = failure.exit,
): SteepError => withBlockers(failure, blockers, { verb: 'Held by', exit });

/** The failure to get a lock at once, with those who have it, or wait to get it before. */
export const wantedBy = (failure: SteepError, blockers: readonly Blocker[]): SteepError =>
  withBlockers(failure, blockers, { verb: 'Held, or waited for, by', exit: failure.exit });

interface Saying {
  readonly verb: string;
  readonly exit: ExitCode;
}

const withBlockers = (
  { code, message, suggestions, cause }: SteepError,
  blockers: readonly Blocker[],
  { verb, exit }: Saying,
): SteepError => {
  const held = blockers.length === 0 ? '' : `. ${verb} ${describeBlockers(blockers)}.`;
  const pids = blockers.map(({ pid }) => pid).filter((pid) => pid !== 0);
  return new SteepError(code, `${message}${held}`, {
    exit,
    cause,
    suggestions: [
      ...pids.map(
        (pid) => `End it, if it may be ended: SELECT pg_catalog.pg_terminate_backend(${pid})`,
      ),
      ...suggestions,
    ],
  });
};
