// What `steep apply --json` ends with: the report of the run, on the last line.

import type { CliResult } from './cli.ts';

export interface JsonReport {
  readonly run_id: string;
  readonly plan_id: string;
  readonly outcome: string;
  readonly exit: number;
  readonly steps: readonly {
    readonly id: string;
    readonly status: string;
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
}

/** Every line of stdout, parsed. */
export const jsonLines = ({ stdout }: Pick<CliResult, 'stdout'>): readonly unknown[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

export const reportOf = (result: Pick<CliResult, 'stdout'>): JsonReport =>
  jsonLines(result).at(-1) as JsonReport;

/** What became of each step, by its id. */
export const statusesOf = (result: Pick<CliResult, 'stdout'>): Readonly<Record<string, string>> =>
  Object.fromEntries(reportOf(result).steps.map(({ id, status }) => [id, status]));
