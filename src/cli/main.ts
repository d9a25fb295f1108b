// Runs one command line. Whatever is thrown outside of a command (an unknown command, a file that
// does not load, a crash between two turns) is reported here as a command would report it.

import { Errors, flush, handle, type Interfaces, run } from '@oclif/core';
import { SteepError } from '../model/errors.ts';
import { notePasswordsIn } from '../model/known-secrets.ts';
import { printableLines } from '../model/printable.ts';
import { errorDocument, exitCodeOf, isUsageError, renderFailure, wantsJson } from './failure.ts';
import { jsonLine, sayOnStderr, withoutSecretsAndCommands } from './output.ts';

/** Runs `argv` and ends with the exit code of the table. `options` say where the command line lives. */
export async function main(argv: string[], options: Interfaces.LoadOptions): Promise<void> {
  // Before anything is printed, a mistake in the command line included.
  for (const word of argv) notePasswordsIn(word);
  process.once('uncaughtException', (error) => void fail(error, argv));
  try {
    await run(argv, options);
    await written();
  } catch (error) {
    await fail(error, argv);
  }
}

/** Until what was printed has been read; no longer than it has a reader: that of `steep plan | head` stops early. */
async function written(): Promise<void> {
  const { stdout } = process;
  if (stdout.destroyed) return;
  const closed = new Promise<void>((resolve) => void stdout.once('close', resolve));
  await Promise.race([flush(), closed]);
}

async function fail(error: unknown, argv: readonly string[]): Promise<void> {
  const exit = exitCodeOf(error);
  if (wantsJson(argv)) {
    process.stdout.write(jsonLine(errorDocument(error)));
  } else if (error instanceof SteepError || isUsageError(error)) {
    sayOnStderr(renderFailure(error));
  } else if (error instanceof Error) {
    const message = withoutSecretsAndCommands(printableLines(error.message));
    return handle(Object.assign(error, { message, oclif: { exit } }));
  }
  await written();
  return handle(new Errors.ExitError(exit));
}
