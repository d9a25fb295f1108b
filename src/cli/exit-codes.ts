// What each exit code means, in one table: help, the commands and the docs read it.

import { ExitCode } from '../model/plan/exit-code.ts';

export type ExitCodeName = keyof typeof ExitCode;

export interface ExitCodeEntry {
  readonly code: ExitCode;
  readonly name: ExitCodeName;
  readonly meaning: string;
}

const meanings: { readonly [Name in ExitCodeName]: string } = {
  done: 'Done.',
  error: 'Error; nothing was changed.',
  difference: 'There is a difference, but no error.',
  refused: 'Refused: a hazard that was not allowed, a protected object or a policy.',
  stale: 'The plan is out of date, or for another server.',
  locked: 'Another run holds the lock.',
  partial: 'Partly applied; run apply again to continue.',
  incomplete: 'A node could not be read, so the answer is unknown.',
  notConverged: 'Applied, but replication has not converged in time.',
  usage: 'The command line is not valid: an unknown command, flag or argument.',
  invalidFile: 'steep.yaml is invalid.',
  interrupted: 'Interrupted (SIGINT), after a clean stop.',
  terminated: 'Terminated (SIGTERM), after a clean stop.',
};

/** Every exit code, by number. */
export const exitCodes: readonly ExitCodeEntry[] = Object.entries(meanings)
  .map(([name, meaning]) => ({ name: name as ExitCodeName, meaning }))
  .map(({ name, meaning }) => ({ code: ExitCode[name], name, meaning }))
  .toSorted((a, b) => a.code - b.code);

/** How any command at all can end. */
const common: readonly ExitCodeName[] = ['done', 'error', 'usage', 'interrupted', 'terminated'];

/** The codes a command can end with: those it names, and those common to all. */
export const exitCodesOf = (names: readonly ExitCodeName[]): readonly ExitCodeEntry[] =>
  exitCodes.filter(({ name }) => common.includes(name) || names.includes(name));

/** Whether a number that came from outside, such as from oclif, is one of ours. */
export const isExitCode = (code: unknown): code is ExitCode =>
  exitCodes.some((entry) => entry.code === code);
