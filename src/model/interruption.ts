// An interrupt as a value: the reason of the abort signal of a run is the exit code that it asks for.

import { SteepError } from './errors.ts';
import { ExitCode } from './exit-code.ts';

/** How an aborted run ends the process: 130, or 143 after SIGTERM. */
export const exitOfInterrupt = (signal: AbortSignal): ExitCode =>
  signal.reason === ExitCode.terminated ? ExitCode.terminated : ExitCode.interrupted;

/** What a wait throws that was interrupted. */
export const interruption = (signal: AbortSignal, cause: unknown): SteepError =>
  new SteepError('INTERRUPTED', 'The run was interrupted.', {
    exit: exitOfInterrupt(signal),
    suggestions: ['To go on, run the same command again.'],
    cause,
  });
