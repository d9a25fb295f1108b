// What a step failed with, in words that name the step.

import type { SteepError } from '../model/errors.ts';
import type { Step } from '../model/step/step.ts';
import { toFailure } from '../postgres/failures.ts';

/** The failure of a step; an error of its executor stays as it is. */
export const failureOf = (error: unknown, step: Step): SteepError =>
  toFailure(error, { node: step.node, doing: `running step "${step.id}"` });
