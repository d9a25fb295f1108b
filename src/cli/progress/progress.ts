// The progress of a run on stderr: live lines on a terminal, plain lines anywhere else.
// stdout stays free for the result.

import type { Style } from '../render/style.ts';
import { createLiveProgress } from './progress-live.ts';
import { createPlainProgress } from './progress-plain.ts';
import type { Clock, Progress } from './progress-view.ts';

export interface ProgressViewOptions {
  readonly stream: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly style: Style;
}

/** Live on a terminal, plain without a terminal: in a pipe, a file or CI. */
export const createProgress = ({ stream, env, clock, style }: ProgressViewOptions): Progress => {
  const watched = stream.isTTY === true && (env.CI ?? '') === '' && env.TERM !== 'dumb';
  return watched
    ? createLiveProgress(stream, style)
    : createPlainProgress((text) => void stream.write(text), clock);
};
