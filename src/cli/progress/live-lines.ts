// Lines on a terminal that change in place, drawn by listr2. A line without a title is not drawn.

import { Writable } from 'node:stream';
import {
  DefaultRenderer,
  Listr,
  type ListrDefaultRendererLogLevels,
  ListrLogger,
  type ListrTaskWrapper,
  ProcessOutput,
} from 'listr2';
import { withoutSecretsAndCommands } from '../output.ts';
import type { Style } from '../render/style.ts';

/** listr2 asks whether stdout is a terminal; this view writes to stderr, and its caller has asked. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

type Task = ListrTaskWrapper<unknown, typeof StderrRenderer, typeof StderrRenderer>;

/** One line of a view. What happens before listr2 has started the task is kept for it. */
export class Line {
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

  /** Each line of the title is shown on its own; the first is the step. */
  show(...title: readonly string[]): void {
    this.#title = withoutSecretsAndCommands(title.join('\n'));
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

/** Draws on `stream`, which must be a terminal, until every line has ended; nothing is written to stdout. */
export const draw = (
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
