// How a command ends that could not read all of what it was asked about: the only place that decides between 7 and 1.

import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { SteepError } from '../errors.ts';
import { ExitCode } from './exit-code.ts';

/** Servers that answered, and with which steep cannot work: an error, not an unknown. */
const answered: ReadonlySet<string> = new Set([
  'SERVER_TOO_OLD',
  'APPLY_ROLE',
  'IN_RECOVERY',
  'METADATA_NEWER',
  'TABLE_NOT_FOUND',
  'COLUMN_NOT_FOUND',
  'OPTION_NOT_SUPPORTED',
  'FEATURE_NOT_SUPPORTED',
  'OBJECT_NOT_FOUND',
  'OBJECT_EXISTS',
  'PUBLICATION_OF_ALL',
  'SUBSCRIPTION_DISABLED',
]);

/** 7 when a node could not be read, which outranks the others; else 1; without errors 0. */
export const exitOfErrors = (diagnostics: readonly Diagnostic[]): ExitCode =>
  hasErrors(diagnostics)
    ? exitOfCodes(
        diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code),
      )
    : ExitCode.done;

/** The same, of the codes of errors; there must be one. */
export const exitOfCodes = (codes: readonly string[]): ExitCode =>
  codes.some((code) => !answered.has(code)) ? ExitCode.incomplete : ExitCode.error;

/** Why a node that is needed could not be read, thrown. @param detail where nothing is known, what is said instead. */
export const unreadError = (
  found: Diagnostic | undefined,
  detail: string,
  exit: ExitCode = ExitCode.incomplete,
): SteepError =>
  new SteepError(found?.code ?? 'UNREACHABLE', found?.detail ?? detail, {
    exit,
    suggestions: found?.suggestions ?? [],
  });
