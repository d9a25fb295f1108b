// One executor per kind of step: a missing entry does not compile.

import { type PlanLimits, usualLimits } from '../model/plan/plan.ts';
import { printable } from '../model/printable.ts';
import type { Step, StepKind, StepOf } from '../model/step/step.ts';
import type { StepExecution } from '../model/step/step-execution.ts';
import { advanceSlotExecutor } from './advance-slot/advance-slot.ts';
import { changeSchemaExecutor } from './change-schema.ts';
import { advanceSequencesExecutor } from './copy/advance-sequences.ts';
import { copyTablesExecutor } from './copy/copy-tables.ts';
import { loadSnapshotExecutor } from './copy/load-snapshot.ts';
import { settleCopyExecutor } from './copy/settle-copy.ts';
import { truncateTablesExecutor } from './copy/truncate-tables.ts';
import { undoCopyExecutor } from './copy/undo-copy.ts';
import { verifyEmptyExecutor } from './copy/verify-empty.ts';
import type { Executor } from './executor.ts';
import { mergePairExecutor } from './merge/merge-pair.ts';
import { dropMetadataExecutor } from './metadata/drop-metadata.ts';
import { forgetFormerNodesExecutor } from './metadata/forget-former-nodes.ts';
import { installMetadataExecutor } from './metadata/install-metadata.ts';
import { recordOwnershipExecutor } from './metadata/record-ownership.ts';
import { registerNodeExecutor } from './metadata/register-node.ts';
import { unregisterNodeExecutor } from './metadata/unregister-node.ts';
import { alterPublicationExecutor } from './publication/alter-publication.ts';
import { createPublicationExecutor } from './publication/create-publication.ts';
import { dropPublicationExecutor } from './publication/drop-publication.ts';
import { renamePublicationExecutor } from './publication/rename-publication.ts';
import { replacePublicationExecutor } from './publication/replace-publication.ts';
import { setReplicaIdentityExecutor } from './publication/set-replica-identity.ts';
import { advanceOriginExecutor } from './slot/advance-origin.ts';
import { createOriginExecutor } from './slot/create-origin.ts';
import { createSlotExecutor } from './slot/create-slot.ts';
import { dropOriginExecutor } from './slot/drop-origin.ts';
import { dropSlotExecutor } from './slot/drop-slot.ts';
import { moveOriginExecutor } from './slot/move-origin.ts';
import { moveSlotExecutor } from './slot/move-slot.ts';
import { alterSubscriptionExecutor } from './subscription/alter-subscription.ts';
import { createSubscriptionExecutor } from './subscription/create-subscription.ts';
import { disableSubscriptionExecutor } from './subscription/disable-subscription.ts';
import { dropSubscriptionExecutor } from './subscription/drop-subscription.ts';
import { enableSubscriptionExecutor } from './subscription/enable-subscription.ts';
import { refreshSubscriptionExecutor } from './subscription/refresh-subscription.ts';
import { refreshWhileEmptyExecutor } from './subscription/refresh-while-empty.ts';
import { renameSubscriptionExecutor } from './subscription/rename-subscription.ts';
import { setPublicationsExecutor } from './subscription/set-publications.ts';
import { setSlotExecutor } from './subscription/set-slot.ts';
import { setSubscriptionOptionExecutor } from './subscription/set-subscription-option.ts';
import { trySubscriptionExecutor } from './subscription/try-subscription.ts';
import { waitForCopyExecutor } from './wait/wait-for-copy.ts';
import { waitForSlotExecutor } from './wait/wait-for-slot.ts';
import { waitForStopExecutor } from './wait/wait-for-stop.ts';

const executors: { readonly [K in StepKind]: Executor<StepOf<K>> } = {
  'install-metadata': installMetadataExecutor,
  'register-node': registerNodeExecutor,
  'unregister-node': unregisterNodeExecutor,
  'drop-metadata': dropMetadataExecutor,
  'set-replica-identity': setReplicaIdentityExecutor,
  'create-publication': createPublicationExecutor,
  'replace-publication': replacePublicationExecutor,
  'alter-publication': alterPublicationExecutor,
  'rename-publication': renamePublicationExecutor,
  'drop-publication': dropPublicationExecutor,
  'create-slot': createSlotExecutor,
  'drop-slot': dropSlotExecutor,
  'move-slot': moveSlotExecutor,
  'create-origin': createOriginExecutor,
  'drop-origin': dropOriginExecutor,
  'move-origin': moveOriginExecutor,
  'try-subscription': trySubscriptionExecutor,
  'truncate-tables': truncateTablesExecutor,
  'copy-tables': copyTablesExecutor,
  'load-snapshot': loadSnapshotExecutor,
  'settle-copy': settleCopyExecutor,
  'undo-copy': undoCopyExecutor,
  'create-subscription': createSubscriptionExecutor,
  'alter-subscription': alterSubscriptionExecutor,
  'rename-subscription': renameSubscriptionExecutor,
  'set-subscription-option': setSubscriptionOptionExecutor,
  'set-publications': setPublicationsExecutor,
  'set-slot': setSlotExecutor,
  'advance-origin': advanceOriginExecutor,
  'merge-pair': mergePairExecutor,
  'enable-subscription': enableSubscriptionExecutor,
  'disable-subscription': disableSubscriptionExecutor,
  'refresh-subscription': refreshSubscriptionExecutor,
  'refresh-while-empty': refreshWhileEmptyExecutor,
  'drop-subscription': dropSubscriptionExecutor,
  'verify-empty': verifyEmptyExecutor,
  'wait-for-slot': waitForSlotExecutor,
  'advance-slot': advanceSlotExecutor,
  'wait-for-stop': waitForStopExecutor,
  'wait-for-copy': waitForCopyExecutor,
  'advance-sequences': advanceSequencesExecutor,
  'change-schema': changeSchemaExecutor,
  'record-ownership': recordOwnershipExecutor,
  'forget-former-nodes': forgetFormerNodesExecutor,
};

/** The executor of a step, as one that takes any step: the table above pairs kinds. */
export const executorOf = (step: Step): Executor<Step> =>
  executors[step.kind] as unknown as Executor<Step>;

/** Whether the locks that a step waits for are limited. */
export const limitsLocks = ({ transactional, limitsLocks: limited }: Executor<Step>): boolean =>
  transactional || limited === true;

const waitsForSlot = ({ limitsSlotWait }: Executor<Step>, step: Step): boolean =>
  typeof limitsSlotWait === 'function' ? limitsSlotWait(step) : limitsSlotWait === true;

/** How a step will be executed, for people and for the plan file. Pure. */
export const describeStep = (step: Step, limits: PlanLimits = usualLimits): StepExecution => {
  const executor = executorOf(step);
  const note = executor.note?.(step) ?? [];
  return {
    statements: [
      ...(note.length === 0 ? [] : [note.map((line) => `-- ${printable(line)}`).join('\n')]),
      ...executor.sql(step).map((statement) => statement.display),
    ],
    transactional: executor.transactional,
    reversible:
      typeof executor.reversible === 'boolean' ? executor.reversible : executor.reversible(step),
    lock: executor.lock?.(step) ?? null,
    lockTimeoutMs: limitsLocks(executor) ? limits.lockTimeoutMs : null,
    statementTimeoutMs: waitsForSlot(executor, step) ? limits.slotTimeoutMs : null,
  };
};
