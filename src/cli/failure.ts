// How a thrown error leaves the process: as an exit code, as a JSON document, as text.
// Nothing here shows the cause of an error: it could hold a secret.

import { stripVTControlCharacters } from 'node:util';
import { ux } from '@oclif/core';
import type { Diagnostic } from '../model/diagnostic.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { printableLines } from '../model/printable.ts';
import { isExitCode } from './exit-codes.ts';
import { hang } from './render/layout.ts';

/** What `--json` prints instead of a result. */
export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly suggestions: readonly string[];
    readonly exit_code: ExitCode;
  };
  readonly diagnostics: readonly Diagnostic[];
}

/** The exit code of an error, whatever threw it; a crash is 1. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof SteepError) return error.exit;
  if (isUsageError(error)) return ExitCode.usage;
  const exit = (error as OclifError | undefined)?.oclif?.exit;
  return isExitCode(exit) ? exit : ExitCode.error;
}

export function errorDocument(error: unknown): ErrorDocument {
  const { code, message, suggestions } = describe(error);
  return { error: { code, message, suggestions, exit_code: exitCodeOf(error) }, diagnostics: [] };
}

/** Text for people. Lines are not wrapped: a suggestion is often a command to copy. */
export function renderFailure(error: unknown): string {
  const { code, message, suggestions } = describe(error);
  return [
    `${ux.colorize('red', 'Error:')} ${hang(message, '  ')}`,
    `Code: ${code}`,
    ...(suggestions.length > 0 ? ['Try this:'] : []),
    ...suggestions.map((suggestion) => `  ${hang(printableLines(suggestion), '  ')}`),
  ].join('\n');
}

/** Whether `--json` was asked for. Looks at the words, since parsing them may be what failed. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

interface Description {
  readonly code: string;
  readonly message: string;
  readonly suggestions: readonly string[];
}

function describe(error: unknown): Description {
  const said = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
  const message = printableLines(said);
  if (error instanceof SteepError) {
    return { code: error.code, message: inOneSentence(message), suggestions: error.suggestions };
  }
  if (isUsageError(error)) {
    return {
      code: 'USAGE',
      message: inOneSentence(message),
      suggestions: ['To see the flags and arguments: --help'],
    };
  }
  return { code: 'INTERNAL_ERROR', message, suggestions: [] };
}

/** What oclif's parser puts around the reason, the reasons of our own flags included: it names another way to the same help. */
const inOneSentence = (message: string): string =>
  message
    .replace(/\nSee more help with --help$/, '')
    .replace(/\n\nNote: .*$/s, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^Parsing (--[\w-]+) \n\t/, '$1: ');

/** oclif marks what its parser throws with `parse`, or with our own number where a flag's parser threw. */
export function isUsageError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return 'parse' in error || (error as OclifError).oclif?.exit === ExitCode.usage;
}

interface OclifError {
  readonly oclif?: { readonly exit?: number };
}
