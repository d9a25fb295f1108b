// The commands around import on one file, in this process: import, plan, apply.

import { expect } from 'vitest';
import type { Plan } from '../../../src/model/plan/plan.ts';
import { apply } from '../../../src/workflows/apply/apply.ts';
import type { ApplyResult } from '../../../src/workflows/apply/apply-request.ts';
import { type Imported, importTopology } from '../../../src/workflows/import/import.ts';
import { plan } from '../../../src/workflows/plan/plan.ts';
import type { RuntimeEnvironment } from '../../../src/workflows/runtime-environment.ts';
import type { TestDatabase } from '../servers/test-database.ts';

/** A host whose environment is this and nothing else. */
export const hostWith = (environment: RuntimeEnvironment['environment']): RuntimeEnvironment => ({
  steepVersion: '0.1.0',
  environment,
  user: 'tester',
  hostname: 'here',
  now: () => new Date(),
  clock: () => performance.now(),
});

/** `NAME_URL` of each database. */
export const urlsOf = (databases: Readonly<Record<string, TestDatabase>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(databases).map(([name, { url }]) => [`${name.toUpperCase()}_URL`, url]),
  );

/** Imports nodes whose URLs are in the environment. */
export async function importNow(
  file: string,
  names: readonly string[],
  runtime: RuntimeEnvironment,
): Promise<Imported> {
  const nodes = names.map((name) => ({ name, url: null }));
  const { imported, diagnostics } = await importTopology(
    { nodes, out: file, force: false },
    runtime,
  );
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  if (imported === null) throw new Error('nothing was imported');
  return imported;
}

/** @throws Error where the file is not valid. */
export async function planFile(file: string, runtime: RuntimeEnvironment): Promise<Plan> {
  const made = await plan({ file, options: { prune: false }, out: null }, runtime);
  if (made.plan === null) throw new Error(JSON.stringify(made.diagnostics));
  return made.plan;
}

/** Without questions, and until it has converged. */
export const applyFile = (file: string, runtime: RuntimeEnvironment): Promise<ApplyResult> =>
  apply(
    {
      file,
      planFile: null,
      expectPlanId: null,
      options: { prune: false },
      allowed: [],
      strict: false,
      waitForLockMs: 0,
      wait: true,
      show: () => undefined,
      onEvent: () => undefined,
      limits: {
        lockTimeoutMs: 2000,
        lockRetries: 3,
        slotTimeoutMs: 10_000,
        waitTimeoutMs: 60_000,
        pollMs: 100,
      },
      approve: async () => ({ approved: true, allowed: [] }),
      signal: new AbortController().signal,
    },
    runtime,
  );
