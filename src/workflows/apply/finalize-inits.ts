// The end of first copies that a run began and did not stay for: where an apply has nothing to do, their states
// are brought in line with what the servers say.

import type { RunLimits } from '../../executors/executor.ts';
import type { RunEvent } from '../../model/event.ts';
import { settleInits as settle } from '../../run/converge.ts';
import type { Host } from '../host.ts';
import type { OpenNodes } from '../nodes.ts';
import type { RunIdentity } from '../operation/run-identity.ts';
import type { Project } from '../project.ts';
import { runContexts } from './run-context.ts';

interface Settlement {
  readonly project: Project;
  readonly nodes: OpenNodes;
  readonly identity: RunIdentity;
  readonly host: Host;
  readonly limits: RunLimits;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** @throws SteepError when a server goes away meanwhile. */
export const settleInits = async (settlement: Settlement): Promise<void> => {
  const { desired } = settlement.project;
  const contexts = runContexts({ ...settlement, consented: [] });
  const edges = desired.subscriptions
    .filter(({ enabled }) => enabled)
    .map(({ node, name, source }) => ({ node, subscription: name, source }));
  try {
    await settle({ edges, maxLag: desired.policy.maxLag }, contexts.context);
  } finally {
    await contexts.close();
  }
};
