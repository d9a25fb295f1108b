// Where nothing of an edge is left to do: whether it has converged, as a run says it that ends with that.

import { ExitCode } from '../../model/plan/exit-code.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { RunReport } from '../../model/plan/run-report.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { converge } from '../../run/converge.ts';
import { type RunSurroundings, runContexts } from './run-context.ts';

export const finalizeEdge = async (
  { node, name, source }: DesiredSubscription,
  { planId, maxLag }: Plan,
  surroundings: RunSurroundings,
): Promise<RunReport> => {
  const { runtime, identity, limits } = surroundings;
  const started = runtime.clock();
  const contexts = runContexts(surroundings);
  try {
    const edges = [{ node, subscription: name, source }];
    const timeoutMs = limits.waitTimeoutMs;
    const behind = await converge({ edges, maxLag, timeoutMs }, contexts.context);
    const isThere = behind.length === 0;
    return {
      runId: identity.runId,
      planId,
      outcome: isThere ? 'converged' : 'not-converged',
      exit: isThere ? ExitCode.done : ExitCode.notConverged,
      behind,
      targeted: true,
      steps: [],
      durationMs: Math.round(runtime.clock() - started),
    };
  } finally {
    await contexts.close();
  }
};
