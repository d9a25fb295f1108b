// What commands that write rows, after they have asked, take from their flags.

import type { Interfaces } from '@oclif/core';
import type { Hazard } from '../model/plan/hazard.ts';
import { type Answer, approve } from './approve.ts';
import type { undoFlags } from './flags/repair-flags.ts';
import { catchInterrupts, type Interrupts } from './interrupts.ts';
import { sayOnStderr } from './output.ts';

type WriteFlags = Interfaces.InferredFlags<typeof undoFlags> & { readonly config: string };

export const catchInterruptsOfWrites = (): Interrupts =>
  catchInterrupts(
    () => sayOnStderr('Interrupted: run the same command again to continue.'),
    () => undefined,
  );

export const writeRequestOf = (flags: WriteFlags, { signal }: Interrupts) => ({
  file: flags.config,
  tables: flags.tables ?? null,
  dryRun: flags['dry-run'],
  settleMs: flags['settle-timeout'],
  allowed: flags['allow-hazard'] ?? [],
  strict: flags.strict,
  waitForLockMs: flags['wait-for-lock'],
  signal,
  say: sayOnStderr,
  approve: (hazards: readonly Hazard[]): Promise<Answer> =>
    approve(
      hazards,
      flags['auto-approve'] === true,
      { input: process.stdin, output: process.stdout },
      signal,
    ),
});
