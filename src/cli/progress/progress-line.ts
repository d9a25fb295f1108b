// One line about work that takes long: rewritten in place on a terminal, repeated now and then in a log.

import { type CopyProgress, progressText } from '../../model/copy/init-progress.ts';
import { printable, printableLines } from '../../model/printable.ts';
import { withoutSecretsAndCommands } from '../output.ts';

export interface ProgressLine {
  readonly show: (progress: CopyProgress) => void;
  /** The same in other words. */
  readonly showText: (text: string) => void;
  /** A line that stays. */
  readonly say: (text: string) => void;
  readonly end: () => void;
}

const everyMs = 10_000;
const clearLine = '\r\u001b[2K';

/** Says nothing of progress where only a document is wanted. */
export const makeProgressLine = (stream: NodeJS.WriteStream, quiet: boolean): ProgressLine => {
  let shown = false;
  let saidAt = performance.now();
  const clear = (): void => {
    if (shown) stream.write(clearLine);
    shown = false;
  };
  const showText = (progress: string): void => {
    const text = withoutSecretsAndCommands(printable(progress));
    if (quiet) return;
    if (stream.isTTY) {
      stream.write(`${clearLine}${text.slice(0, Math.max(20, stream.columns - 1))}`);
      shown = true;
    } else if (performance.now() - saidAt >= everyMs) {
      saidAt = performance.now();
      stream.write(`${text}\n`);
    }
  };
  return {
    show: (progress) => showText(progressText(progress)),
    showText,
    say: (text) => {
      clear();
      stream.write(`${withoutSecretsAndCommands(printableLines(text))}\n`);
    },
    end: clear,
  };
};
