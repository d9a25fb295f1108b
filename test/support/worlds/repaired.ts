// steep repair in the process of the test.

import type { RepairReport } from '../../../src/model/report/repair.ts';
import { repair } from '../../../src/workflows/repair/repair.ts';
import type { RepairRequest } from '../../../src/workflows/repair/repair-request.ts';

/** All dangers are agreed to, unless told otherwise. */
export const repairIn = async (
  file: string,
  environment: Readonly<Record<string, string>>,
  subscription: string,
  request: Partial<RepairRequest> = {},
): Promise<RepairReport> => {
  const { report, diagnostics } = await repair(
    {
      file,
      subscription,
      tables: null,
      from: null,
      findings: ['missing', 'different', 'extra'],
      dryRun: false,
      onScript: null,
      jobs: 1,
      maxRate: null,
      settleMs: 30_000,
      allowed: [],
      strict: false,
      waitForLockMs: 0,
      signal: new AbortController().signal,
      show: () => undefined,
      approve: (hazards) => Promise.resolve({ approved: true, allowed: hazards }),
      onProgress: () => undefined,
      onText: () => undefined,
      onEvent: () => undefined,
      say: () => undefined,
      ...request,
    },
    {
      steepVersion: '0.1.0',
      user: 'test',
      hostname: 'localhost',
      environment,
      now: () => new Date(),
      clock: () => performance.now(),
    },
  );
  if (report === null) throw new Error(JSON.stringify(diagnostics));
  return report;
};
