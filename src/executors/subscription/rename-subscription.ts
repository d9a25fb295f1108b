// ALTER SUBSCRIPTION … RENAME: its slot, its origin and its position stay. The worker starts again by itself.

import { renameInit } from '../../metadata/init/init-end.ts';
import { moveOwnership } from '../../metadata/ownership.ts';
import type { RenameSubscription } from '../../model/step/subscription-steps.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const renameSubscriptionExecutor: Executor<RenameSubscription> = {
  transactional: true,
  reversible: true,
  sql: (step) => [ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} RENAME TO ${ident(step.to)}`],
  finish: async (step, context) => {
    const metadata = context.metadata(step.node);
    const move = { from: step.fromAddress, to: step.address, runId: context.runId };
    await moveOwnership(metadata, move);
    const { node, subscription: from, to } = step;
    await renameInit(metadata, { node, from, to, runId: context.runId });
    return {};
  },
};
