// Faults of the process: signals that end or pause a run.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Struck } from '../moment.ts';
import type { Fault, Stage } from './fault.ts';

const signal =
  (name: NodeJS.Signals) =>
  ({ description }: Struck, { run }: Stage): Promise<string> => {
    run.kill(name);
    return Promise.resolve(`${name} ${description}`);
  };

export const killed = signal('SIGKILL');

export const steepFaults: readonly Fault[] = [
  { kind: 'kill', strike: killed },
  { kind: 'sigint', strike: signal('SIGINT') },
  { kind: 'sigterm', strike: signal('SIGTERM') },
  {
    kind: 'stop-continue',
    strike: ({ description }, { run, random, later }) => {
      const ms = random.integer(500, 8000);
      run.kill('SIGSTOP');
      later(sleep(ms).then(() => run.kill('SIGCONT')));
      return Promise.resolve(`SIGSTOP for ${ms} ms ${description}`);
    },
  },
];
