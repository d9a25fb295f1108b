// The end of initial copies that a run began and did not stay for: where an apply has nothing to do, their states are
// brought in line with what the servers say.

import type { RunLimits } from '../../executors/executor.ts';
import type { RunEvent } from '../../model/event.ts';
import { finalizeFinishedInits as settle } from '../../run/converge.ts';
import type { OpenNodes } from '../nodes.ts';
import type { RunIdentity } from '../operation/run-identity.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { runContexts } from './run-context.ts';

interface FinalizeRequest {
  readonly project: Project;
  readonly nodes: OpenNodes;
  readonly identity: RunIdentity;
  readonly runtime: RuntimeEnvironment;
  readonly limits: RunLimits;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** Whether there was any. @throws SteepError when a server goes away meanwhile. */
export const finalizeInits = async (request: FinalizeRequest): Promise<boolean> => {
  const { desired } = request.project;
  const contexts = runContexts({ ...request, consented: [] });
  const edges = desired.subscriptions
    .filter(({ enabled }) => enabled)
    .map(({ node, name, source }) => ({ node, subscription: name, source }));
  try {
    return await settle({ edges, maxLag: desired.policy.maxLag }, contexts.context);
  } finally {
    await contexts.close();
  }
};
