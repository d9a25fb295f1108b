// SIGINT and SIGTERM: the first stops after the statement in flight, the second exits now.

import { ExitCode } from '../model/plan/exit-code.ts';

export interface Interrupts {
  /** Its reason, once it is aborted, is the exit code. */
  readonly signal: AbortSignal;
  /** The code that the signal asks for; null: none came. */
  readonly exit: () => ExitCode | null;
  /** As SIGINT: for Ctrl-C where the terminal sends it as a key. */
  readonly interrupt: () => void;
  readonly restore: () => void;
}

/** timeout(1) and some runners send a signal to the process and to its group: one request, sent twice. */
const sameRequestMs = 250;

/**
 * `onSecond` says what is in doubt; then the process exits at once, with the code of the second signal. A signal that
 * the process sends to itself would do nothing where it is the first process of a container.
 */
export const catchInterrupts = (onFirst: () => void, onSecond: () => void): Interrupts => {
  const controller = new AbortController();
  let exit: ExitCode | null = null;
  let first = 0;
  const handle = (asked: ExitCode): void => {
    if (exit !== null) {
      if (performance.now() - first < sameRequestMs) return;
      onSecond();
      restore();
      // biome-ignore lint/nursery/noProcessExit: a user who asks twice does not want to wait for anything.
      process.exit(asked);
    }
    exit = asked;
    first = performance.now();
    onFirst();
    controller.abort(exit);
  };
  const onInt = (): void => handle(ExitCode.interrupted);
  const onTerm = (): void => handle(ExitCode.terminated);
  const restore = (): void => {
    process.off('SIGINT', onInt);
    process.off('SIGTERM', onTerm);
  };
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  return { signal: controller.signal, exit: () => exit, interrupt: onInt, restore };
};
