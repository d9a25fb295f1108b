// Everything that shows a run: progress on stderr, events on stdout for --json, the log file.

import type { RunEvent } from '../../model/event.ts';
import { createEventStream, type LogFile } from '../event-log.ts';
import type { Style } from '../render/style.ts';
import { createProgress } from './progress.ts';

export interface RunViewOptions {
  readonly json: boolean;
  readonly log: LogFile | null;
  readonly style: Style;
}

export interface RunView {
  readonly onEvent: (event: RunEvent) => void;
  /** Steps that were running at the last event: in doubt if the process dies now. */
  readonly running: () => readonly string[];
  readonly close: () => Promise<void>;
}

const every = (milliseconds: number, call: () => void): (() => void) => {
  const timer = setInterval(call, milliseconds);
  return () => clearInterval(timer);
};

/** Keeps the steps that have started and not ended. */
const trackRunning = () => {
  const running = new Set<string>();
  const track = (event: RunEvent): void => {
    if (event.event === 'run.step_started') running.add(event.step);
    if (event.event === 'run.step_done' || event.event === 'run.step_failed') {
      running.delete(event.step);
    }
  };
  return { running, track };
};

export const openRunView = (options: RunViewOptions): RunView => {
  const { running, track } = trackRunning();
  const progress = createProgress({
    stream: process.stderr,
    env: process.env,
    clock: { now: () => new Date(), every },
    style: options.style,
  });
  const stream = options.json
    ? createEventStream((text) => void process.stdout.write(text))
    : undefined;
  return {
    onEvent: (event) => {
      track(event);
      options.log?.write(event);
      stream?.(event);
      progress.handle(event);
    },
    running: () => [...running],
    close: () => progress.close(),
  };
};
