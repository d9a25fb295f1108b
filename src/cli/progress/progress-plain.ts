// Progress without a terminal: a line when a step starts, every ten seconds, and when it ends.

import type { TableProgress } from '../../model/copy/table-progress.ts';
import { printable } from '../../model/printable.ts';
import { formatDuration } from '../../model/quantity.ts';
import { withoutSecretsAndCommands } from '../output.ts';
import { dispatch, type EventHandlers } from './event-handlers.ts';
import { lockLine, tableLines } from './progress-text.ts';
import type { Clock, Progress } from './progress-view.ts';

const interval = 10_000;

/** What runs now, and the last thing it said. */
interface Running {
  readonly message: string;
  readonly tables: readonly TableProgress[];
}

/** Writes whole lines, stamped with the clock's time in UTC. */
export const createPlainProgress = (write: (text: string) => void, clock: Clock): Progress => {
  const running = new Map<string, Running>();
  const say = (word: string, text: string): void => {
    const time = `${clock.now().toISOString().slice(0, 19)}Z`;
    write(withoutSecretsAndCommands(`${time} ${word.padEnd(5)} ${printable(text)}\n`));
  };
  const stop = clock.every(interval, () => {
    for (const [name, { message, tables }] of running) {
      say('...', message === '' ? name : `${name}: ${message}`);
      for (const line of tableLines(tables)) say('...', `  ${line}`);
    }
  });
  const handlers = plainHandlers(running, say);
  return {
    handle: (event) => {
      dispatch(handlers, event);
    },
    close: async () => stop(),
  };
};

const convergence = 'convergence';

const plainHandlers = (
  running: Map<string, Running>,
  say: (word: string, text: string) => void,
): Partial<EventHandlers> => ({
  'run.step_started': ({ step, why }) => {
    running.set(step, { message: '', tables: [] });
    say('start', `${step} (${why})`);
  },
  'run.step_progress': ({ step, message, tables = [] }) => {
    running.set(step, { message, tables });
  },
  'run.lock_wait': (event) => say('wait', `${event.step} ${lockLine(event)}`),
  'run.step_done': ({ step, duration_ms }) => {
    running.delete(step);
    say('done', `${step} (${formatDuration(duration_ms)})`);
  },
  'run.step_skipped': ({ step, reason }) => {
    running.delete(step);
    say('=', `${step}: already done (${reason})`);
  },
  'run.step_failed': ({ step, code, message }) => {
    running.delete(step);
    say('FAIL', `${step}: ${message} (${code})`);
  },
  'run.converging': ({ message, behind }) => {
    const text = [message, ...behind].join('; ');
    if (!running.has(convergence)) say('start', `${convergence}: ${text}`);
    running.set(convergence, { message: text, tables: [] });
  },
  'run.converged': ({ duration_ms }) => {
    running.delete(convergence);
    say('done', `${convergence} (${formatDuration(duration_ms)})`);
  },
  'run.finished': () => running.clear(),
  'init.state_change': ({ node_id, subscription, from_state, to_state }) =>
    say('state', `${node_id}/subscription.${subscription}: ${from_state ?? 'none'} -> ${to_state}`),
});
