// Faults of the process: signals that end or pause a run.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Struck } from '../moment.ts';
import type { RunFault, Stage } from './fault.ts';

const signal =
  (name: NodeJS.Signals) =>
  ({ description }: Struck, { run }: Stage): Promise<string> => {
    run.kill(name);
    return Promise.resolve(`${name} ${description}`);
  };

export const killed = signal('SIGKILL');

export const steepFaults: readonly RunFault[] = [
  { kind: 'kill', ends: true, strike: killed },
  { kind: 'sigint', ends: true, strike: signal('SIGINT') },
  { kind: 'sigterm', ends: true, strike: signal('SIGTERM') },
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
