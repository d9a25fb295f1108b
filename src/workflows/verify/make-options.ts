// From what a command is asked for to what the parts of a verification get.

import { setTimeout as delay } from 'node:timers/promises';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { readingOf } from './reading.ts';
import type { VerificationOptions } from './verify-options.ts';

type Asked = Pick<VerificationOptions, 'fast' | 'jobs' | 'settleMs' | 'onRow' | 'signal'> &
  Parameters<typeof readingOf>[0];

/** What is asked for, with the clock of the program. */
export const optionsOf = (
  request: Asked,
  { clock }: Pick<RuntimeEnvironment, 'clock'>,
  tables: VerificationOptions['tables'],
): VerificationOptions => {
  const { fast, jobs, settleMs, onRow, signal } = request;
  const sleep = (ms: number): Promise<void> => delay(ms, undefined, { signal });
  const reading = readingOf(request, { clock, sleep });
  return { tables, fast, jobs, settleMs, onRow, signal, clock, sleep, reading };
};
