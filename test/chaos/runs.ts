// Runs of steep to their end, and what they said.

import type { CliResult } from '../support/cli.ts';
import type { World } from './world.ts';

export class NotRecovered extends Error {
  override readonly name = 'NotRecovered';
}

/** A run that takes longer hangs. */
const runLimitMs = 240_000;

/** Runs to its end. @throws NotRecovered when it hangs; it is killed then. */
export const runToEnd = async (
  run: ReturnType<World['start']>,
  command: readonly string[],
): Promise<CliResult> => {
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    run.kill('SIGKILL');
  }, runLimitMs);
  const result = await run.result;
  clearTimeout(timer);
  if (hung)
    throw new NotRecovered(
      `steep ${command.join(' ')} hung for ${runLimitMs / 1000} s\n${textOf(result)}`,
    );
  return result;
};

export const textOf = ({ stdout, stderr }: CliResult): string => `${stdout}\n${stderr}`;

/** As `exit 7 UNREACHABLE`. */
export const endOf = (result: CliResult): string => {
  const [, error = null] = /(?:^Code: |"code":")(\w+)(?:$|")/m.exec(textOf(result)) ?? [];
  return [result.signal ?? `exit ${result.code}`, ...(error === null ? [] : [error])].join(' ');
};

/** Runs a command that nothing strikes. @throws Error unless it ends with 0. */
export const runUnstruck = async (world: World, args: readonly string[]): Promise<void> => {
  const result = await world.start(args).result;
  if (result.code !== 0) throw new Error(`preparing: steep ${args.join(' ')}\n${textOf(result)}`);
};

/**
 * A fault of a server or of a person is told as such, with its code; a stack trace never is.
 * @throws NotRecovered
 */
export const assertNoBug = (result: CliResult): void => {
  const text = textOf(result);
  const unnamed =
    result.code === 1 && !/^Code: |"code":"\w+"|^ +x FAILED | {2}[A-Z]+(?:_[A-Z]+)+$/m.test(text);
  if (unnamed || /^\s+at .*\.js:\d+/m.test(text))
    throw new NotRecovered(`an error of the program itself\n${text}`);
};
