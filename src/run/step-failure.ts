// What a step failed with, in words that name the step.

import type { SteepError } from '../model/errors.ts';
import type { Step } from '../model/step/step.ts';
import { toFailure } from '../postgres/failures.ts';

/** What is done, as in the sentence of a failure. */
export const doingOf = ({ id }: Step): string => `running step "${id}"`;

/** The failure of a step; an error of its executor stays as it is. */
export const failureOf = (error: unknown, step: Step): SteepError =>
  toFailure(error, { node: step.node, doing: doingOf(step) });
