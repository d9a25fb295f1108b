// The one error class: something because of which steep cannot continue. Findings that can be many at once are
// Diagnostics; a run that stopped midway is a RunReport.

import { ExitCode } from './plan/exit-code.ts';

export interface SteepErrorOptions {
  /** What to do, one sentence or one command each, in the order to try them. */
  readonly suggestions?: readonly string[];
  /** The process exit code; 1 (error, nothing was changed) unless told. */
  readonly exit?: ExitCode;
  /** The original error, kept for the log; never shown where it could hold a secret. */
  readonly cause?: unknown;
}

/** An error with a stable code that `steep explain` knows. Its message names the node or object. */
export class SteepError extends Error {
  override readonly name = 'SteepError';
  readonly code: string;
  readonly exit: ExitCode;
  readonly suggestions: readonly string[];

  constructor(code: string, message: string, options: SteepErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.exit = options.exit ?? ExitCode.error;
    this.suggestions = options.suggestions ?? [];
  }
}

const words = new WeakMap<object, () => SteepError>();

/** Keeps how an error of a library is said to people, for code that passes it on as it is. */
export const keepWords = (error: unknown, say: () => SteepError): void => {
  if (typeof error === 'object' && error !== null) words.set(error, say);
};

/** An error as it is said to people; null: it is no SteepError, and no words were kept for it. */
export const inWords = (error: unknown): SteepError | null => {
  if (error instanceof SteepError) return error;
  return typeof error === 'object' && error !== null ? (words.get(error)?.() ?? null) : null;
};
