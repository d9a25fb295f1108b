// CREATE SUBSCRIPTION on a slot that is there: create_slot = false makes it transactional, and it cannot
// hang when both nodes are databases of one cluster.

import { readRenamedTargets } from '../../catalog/copies/read-renamed-targets.ts';
import { readReplacedTables } from '../../catalog/copies/read-replaced-tables.ts';
import { readAttemptDoubt, readNotedAttempts } from '../../catalog/slots/read-slot-identity.ts';
import { assertUnchanged } from '../../copy/check/check-tables.ts';
import { slotChanged, tablesReplaced } from '../../copy/copy-failures.ts';
import { readCopiedTables } from '../../copy/fill/chunk-checkpoints.ts';
import { followCopy, readCheckpointsKey } from '../../metadata/copy-attempt.ts';
import { noteCopyStart } from '../../metadata/copy-measure.ts';
import { type InitStart, startInit } from '../../metadata/init/init-state.ts';
import { forgetVerification } from '../../metadata/verifications.ts';
import { formatName } from '../../model/identifier.ts';
import { addressOf } from '../../model/state/address.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { CreateSubscription } from '../../model/step/subscription-steps.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, ident, join, type Sql } from '../../postgres/sql/sql.ts';
import type { Executor, RunContext } from '../executor.ts';
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

/**
 * The last look before the subscription reads: in its transaction, which is rolled back.
 * @throws SteepError COPY_SLOT_LOST, COPY_SLOT_CHANGED, COPY_PUBLICATION_CHANGED, COPY_TABLE_REPLACED, COPY_CHANGED.
 */
const assertSameSource = async (
  { node, source, subscription, slot, publications }: CreateSubscription,
  metadata: Session,
  context: RunContext,
): Promise<void> => {
  const noted = (await readNotedAttempts(metadata, metadataVersion)).get(subscription);
  if (noted === undefined) return;
  const session = await context.openSession(source);
  try {
    const doubt = await readAttemptDoubt(session, slot, noted);
    if (doubt !== null) throw slotChanged(source, doubt);
    const found = await readCheckpointsKey(metadata, { node, subscription, slot });
    const names = found === null ? [] : await readCopiedTables(metadata, found.key);
    const copied = new Set(names.map(formatName));
    const tables = (noted.tables ?? []).filter((table) => copied.has(formatName(table)));
    const replaced = await readReplacedTables(session, tables, publications);
    if (replaced.length > 0) throw tablesReplaced(source, replaced, found?.checkpointsKey != null);
    assertUnchanged(node, await readRenamedTargets(metadata, tables));
  } finally {
    await session.close();
  }
};

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
    await assertSameSource(step, metadata, context);
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
