// CREATE SUBSCRIPTION on a slot that is there: create_slot = false makes it transactional, and it cannot
// hang when both nodes are databases of one cluster.

import { followCopy } from '../../metadata/copy-attempt.ts';
import { noteCopyStart } from '../../metadata/copy-measure.ts';
import { type InitStart, startInit } from '../../metadata/init/init-state.ts';
import { forgetVerification } from '../../metadata/verifications.ts';
import { addressOf } from '../../model/state/address.ts';
import type { CreateSubscription } from '../../model/step/subscription-steps.ts';
import { ddl, ident, join, type Sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';
import { assertAsCopied } from './last-look.ts';
import { createSubscriptionSql, turnLoggingOff } from './subscription-sql.ts';

const statement = (step: CreateSubscription): Sql =>
  createSubscriptionSql({
    ...step,
    publications: step.copied === null ? step.publications : [step.copied],
    enabled: step.enabled && step.copied === null,
  });

/**
 * It knows the copied tables, and reads its own publications from the first moment: a publication that is
 * younger than the slot must never be read.
 */
const onOwnPublications = ({ subscription, publications }: CreateSubscription): readonly Sql[] => [
  ddl`ALTER SUBSCRIPTION ${ident(subscription)} SET PUBLICATION ${join(publications.map(ident))} WITH (refresh = false)`,
  ddl`ALTER SUBSCRIPTION ${ident(subscription)} ENABLE`,
];

const methodOf = ({ copyData, restored }: CreateSubscription): InitStart['method'] => {
  if (restored === true) return 'manual';
  return copyData ? 'native' : 'none';
};

export const createSubscriptionExecutor: Executor<CreateSubscription> = {
  transactional: true,
  reversible: true,
  sql: (step) => [
    ...turnLoggingOff(step.loggingOff),
    statement(step),
    ...(step.copied === null ? [] : onOwnPublications(step)),
  ],
  finish: async (step, context) => {
    const { node, subscription, source, slot } = step;
    const { runId, emit } = context;
    const metadata = context.metadata(node);
    await assertAsCopied(step, metadata, context);
    await forgetVerification(metadata, addressOf(node, 'subscription', subscription), null);
    const followed = await followCopy(metadata, { node, subscription, slot, runId, emit });
    if (!followed) {
      const method = methodOf(step);
      await startInit(metadata, { node, subscription, source, slot, method, runId, emit });
    }
    if (step.copyData && step.enabled) {
      await noteCopyStart(context.metadata(step.node), { ...step, runId: context.runId });
    }
    return { connection: context.connectionHash(step.source) };
  },
};
