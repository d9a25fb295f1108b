// steep's workflows in the test's own process: quicker than the command line, and the plan is a value.

import type { Plan } from '../../src/model/plan/plan.ts';
import type { RunReport } from '../../src/model/plan/run-report.ts';
import type { Allowed } from '../../src/run/consent.ts';
import { apply } from '../../src/workflows/apply/apply.ts';
import { type PlanningOptions, plan } from '../../src/workflows/plan/plan.ts';
import type { RuntimeEnvironment } from '../../src/workflows/runtime-environment.ts';

export interface InProcess {
  /** @throws Error with the findings about the file. */
  plan(): Promise<Plan>;
  /** Applies without asking; dangers must be allowed, here or by the file. Null: there was nothing to do. */
  apply(allowed?: readonly Allowed[]): Promise<RunReport | null>;
}

/** Runs workflows on this steep.yaml; every statement that is sent goes to `onStatement`. */
export const inProcess = (
  file: string,
  environment: Readonly<Record<string, string>>,
  onStatement: ((node: string, statement: string) => void) | null = null,
  options: PlanningOptions = { prune: false },
): InProcess => {
  const runtime: RuntimeEnvironment = {
    steepVersion: '0.1.0',
    user: 'test',
    hostname: 'localhost',
    environment,
    ...(onStatement === null ? {} : { onStatement }),
    now: () => new Date(),
    clock: () => performance.now(),
  };
  return {
    plan: async () => {
      const { plan: made, diagnostics } = await plan({ file, options, out: null }, runtime);
      return made ?? fail(diagnostics);
    },
    apply: async (allowed = []) => {
      const request = {
        file,
        options,
        planFile: null,
        expectPlanId: null,
        allowed,
        strict: false,
        waitForLockMs: 0,
        wait: true,
        limits,
        signal: new AbortController().signal,
        show: () => undefined,
        approve: () =>
          Promise.resolve({
            approved: true,
            allowed: [],
          }),
        onEvent: () => undefined,
      };
      const { plan: made, report, diagnostics } = await apply(request, runtime);
      return made === null ? fail(diagnostics) : report;
    },
  };
};

const limits = {
  lockTimeoutMs: 2000,
  lockRetries: 10,
  slotTimeoutMs: 30_000,
  waitTimeoutMs: 60_000,
  pollMs: 50,
};

function fail(findings: readonly { readonly detail: string }[]): never {
  throw new Error(findings.map(({ detail }) => detail).join('\n'));
}
