// ALTER SUBSCRIPTION … ENABLE.

import { noteCopyStart } from '../../metadata/copy-measure.ts';
import type { EnableSubscription } from '../../model/step/subscription-steps.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const enableSubscriptionExecutor: Executor<EnableSubscription> = {
  transactional: true,
  reversible: true,
  sql: (step) => [ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} ENABLE`],
  // A subscription that was made disabled begins to copy now, if it has anything to copy.
  finish: async (step, context) => {
    await noteCopyStart(context.metadata(step.node), { ...step, runId: context.runId });
    return {};
  },
};
