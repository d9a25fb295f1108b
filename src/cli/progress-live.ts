// Progress on a terminal: one line a step, drawn by listr2. Each step that starts takes the next of
// a fixed number of tasks; a task without a title is not drawn.

import { Writable } from 'node:stream';
import {
  DefaultRenderer,
  Listr,
  type ListrDefaultRendererLogLevels,
  ListrLogger,
  type ListrTaskWrapper,
  ProcessOutput,
} from 'listr2';
import { formatDuration } from '../model/quantity.ts';
import { dispatch, type EventHandlers } from './event-handlers.ts';
import { printable } from './layout.ts';
import type { Progress } from './progress.ts';
import { lockLine, tableLines } from './progress-text.ts';
import type { Style } from './style.ts';

/** listr2 asks whether stdout is a terminal; this view writes to stderr, and its caller has asked. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

type Task = ListrTaskWrapper<unknown, typeof StderrRenderer, typeof StderrRenderer>;

/** One line of the view. What happens before listr2 has started the task is kept for it. */
class Line {
  #task: Task | null = null;
  #title = '';
  /** Undefined: the step has not ended. Null: it has, and well. */
  #outcome: Error | null | undefined;
  #settle: ((outcome: Error | null) => void) | null = null;

  /** The task of this line: it lasts until the step ends. */
  readonly run = async (_context: unknown, task: Task): Promise<void> => {
    this.#task = task;
    if (this.#title !== '') task.title = this.#title;
    const outcome = this.#outcome ?? (await this.#end());
    if (outcome !== null) throw outcome;
  };

  /** Each line of the title stands on its own; the first is the step. */
  show(...title: readonly string[]): void {
    this.#title = title.join('\n');
    if (this.#task !== null) this.#task.title = this.#title;
  }

  /** The step ended, or the whole run did; what comes first counts. */
  end(outcome: Error | null = null): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#settle?.(outcome);
  }

  #end(): Promise<Error | null> {
    return new Promise((resolve) => {
      if (this.#outcome === undefined) this.#settle = resolve;
      else resolve(this.#outcome);
    });
  }
}

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

const draw = (
  lines: readonly Line[],
  stream: NodeJS.WriteStream,
  style: Style,
): Promise<unknown> => {
  // listr2 takes over both streams that it is given: stdout must stay free for the result.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const processOutput = new ProcessOutput(stream, nowhere as NodeJS.WriteStream);
  const list = new Listr<unknown, typeof StderrRenderer, typeof StderrRenderer>(
    lines.map((line) => ({ task: line.run })),
    {
      concurrent: true,
      exitOnError: false,
      // Ctrl-C belongs to the run, which stops after the statement in flight.
      registerSignalListeners: false,
      renderer: StderrRenderer,
      rendererOptions: {
        formatOutput: 'truncate',
        showErrorMessage: false,
        color: colors(style),
        logger: new ListrLogger<ListrDefaultRendererLogLevels>({
          useIcons: true,
          toStderr: [],
          processOutput,
        }),
      },
    },
  );
  return list.run();
};

type Colors = Readonly<Partial<Record<ListrDefaultRendererLogLevels, (text?: string) => string>>>;

/** Icons in the colours of steep, and without colour where there is none. */
const colors = (style: Style): Colors => {
  const paint =
    (role: (text: string) => string) =>
    (text = ''): string =>
      role(text);
  return {
    COMPLETED: paint(style.good),
    FAILED: paint(style.bad),
    PENDING: paint(style.caution),
    WAITING: paint(style.dim),
    CANCELLED: paint(style.dim),
  };
};
