// Progress on a terminal: one line a step, drawn by listr2. Each step that starts takes the next of
// a fixed number of lines.

import { printable } from '../../model/printable.ts';
import { formatDuration } from '../../model/quantity.ts';
import type { Style } from '../render/style.ts';
import { dispatch, type EventHandlers } from './event-handlers.ts';
import { draw, Line } from './live-lines.ts';
import { lockLine, tableLines } from './progress-text.ts';
import type { Progress } from './progress-view.ts';

/** Draws on `stream`, which must be a terminal; nothing is written to stdout. */
export const createLiveProgress = (stream: NodeJS.WriteStream, style: Style): Progress => {
  const lines: Line[] = [];
  let finished: Promise<unknown> = Promise.resolve();
  const start = (count: number): void => {
    while (lines.length < count) lines.push(new Line());
    finished = draw(lines, stream, style);
  };
  const handlers = liveHandlers(start, lines, style);
  return {
    handle: (event) => {
      dispatch(handlers, event);
    },
    close: async () => {
      for (const line of lines) line.end();
      await finished;
    },
  };
};

const liveHandlers = (
  start: (count: number) => void,
  lines: readonly Line[],
  style: Style,
): Partial<EventHandlers> => {
  const taken = new Map<string, Line>();
  const lineOf = (name: string): Line | undefined => {
    const line = taken.get(name) ?? lines[taken.size];
    if (line !== undefined) taken.set(name, line);
    return line;
  };
  return {
    // One more than there are steps: the wait for convergence.
    'run.started': ({ steps }) => start(steps + 1),
    'run.step_started': ({ step }) => lineOf(step)?.show(printable(step)),
    'run.step_progress': ({ step, message, tables = [] }) =>
      lineOf(step)?.show(withNote(step, message, style), ...tableLines(tables)),
    'run.lock_wait': (event) =>
      lineOf(event.step)?.show(printable(event.step), style.caution(lockLine(event))),
    'run.step_done': ({ step, duration_ms }) => {
      lineOf(step)?.show(withNote(step, formatDuration(duration_ms), style));
      lineOf(step)?.end();
    },
    'run.step_skipped': ({ step }) => {
      lineOf(step)?.show(withNote(`= ${step}`, 'already done', style));
      lineOf(step)?.end();
    },
    'run.step_failed': ({ step, code, message }) => {
      lineOf(step)?.show(style.bad(`${printable(step)} FAILED`), printable(`${message} (${code})`));
      lineOf(step)?.end(new Error(code));
    },
    'run.converging': ({ message, behind }) =>
      lineOf(convergence)?.show(withNote(convergence, message, style), ...behind.map(printable)),
    'run.converged': ({ duration_ms }) => {
      lineOf(convergence)?.show(withNote('converged', formatDuration(duration_ms), style));
      lineOf(convergence)?.end();
    },
  };
};

const convergence = 'convergence';

const withNote = (text: string, note: string, style: Style): string =>
  note === '' ? printable(text) : `${printable(text)} ${style.dim(printable(note))}`;
