// ALTER SUBSCRIPTION … REFRESH PUBLICATION: refuses a transaction block, and copies unless told not to.

import { noteCopyStart } from '../../metadata/copy-measure.ts';
import { beginReinit, copyAgain } from '../../metadata/reinit-state.ts';
import type { RefreshSubscription } from '../../model/step/subscription-steps.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const refreshSubscriptionExecutor: Executor<RefreshSubscription> = {
  transactional: false,
  limitsLocks: true,
  reversible: false,
  sql: (step) => [
    ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} REFRESH PUBLICATION WITH (copy_data = ${step.copyData ? ddl`true` : ddl`false`})`,
  ],
  finish: async (step, context) => {
    const { node, subscription } = step;
    const { runId, emit } = context;
    const copy = { node, subscription, runId, emit };
    const metadata = context.metadata(node);
    if (step.aside === true) await beginReinit(metadata, copy);
    if (!step.copyData) return {};
    await noteCopyStart(metadata, copy);
    await copyAgain(metadata, copy);
    return {};
  },
};
