// An interrupt as a value: the reason of the abort signal of a run is the exit code that it asks for. A run that stops
// by itself has the error as the reason.

import { SteepError } from '../errors.ts';
import { ExitCode } from './exit-code.ts';

/** How an aborted run ends the process: 130, or 143 after SIGTERM. */
export const exitOfInterrupt = (signal: AbortSignal): ExitCode =>
  signal.reason === ExitCode.terminated ? ExitCode.terminated : ExitCode.interrupted;

/** Why an aborted run stopped by itself; null: it was not aborted, or was interrupted. */
export const stopReason = ({ aborted, reason }: AbortSignal): SteepError | null =>
  aborted && reason instanceof SteepError ? reason : null;

/** What a wait throws that was interrupted, or ended because the run stops. */
export const interruption = (signal: AbortSignal, cause: unknown): SteepError =>
  stopReason(signal) ??
  new SteepError('INTERRUPTED', 'The run was interrupted.', {
    exit: exitOfInterrupt(signal),
    suggestions: ['To continue, run the same command again.'],
    cause,
  });
