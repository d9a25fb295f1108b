// What a step failed with, in words that name the step.

import { SteepError } from '../model/errors.ts';
import type { Blocker } from '../model/event.ts';
import type { Step } from '../model/step.ts';
import { toFailure } from '../postgres/failures.ts';

/** The failure of a step; an error of its executor stays as it is. */
export const failureOf = (error: unknown, step: Step): SteepError =>
  toFailure(error, { node: step.node, doing: `running step "${step.id}"` });

const describe = ({ pid, application, state, ageSeconds }: Blocker): string =>
  `pid ${pid} (${application || 'no application name'}, ${state}) for ${ageSeconds} s`;

/** The same, of a lock that was not to be had: who held it at the last look. */
export const lockFailureOf = (
  error: unknown,
  step: Step,
  blockers: readonly Blocker[],
): SteepError => {
  const { code, message, suggestions, exit } = failureOf(error, step);
  const pids = blockers.map(({ pid }) => pid).filter((pid) => pid !== 0);
  return new SteepError(code, `${message}. Held by ${blockers.map(describe).join(', ')}.`, {
    exit,
    cause: error,
    suggestions: [
      ...pids.map((pid) => `End it, if it may be ended: SELECT pg_terminate_backend(${pid})`),
      ...suggestions,
    ],
  });
};
