// The exit codes of every command, the same with and without --json.
// They are part of the contract with pipelines: never renumber.

export const ExitCode = {
  done: 0,
  error: 1,
  difference: 2,
  refused: 3,
  stale: 4,
  locked: 5,
  partial: 6,
  incomplete: 7,
  notConverged: 8,
  usage: 64,
  invalidFile: 65,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
