// One executor per kind of step: a missing entry does not compile.

import { type PlanLimits, usualLimits } from '../model/plan/plan.ts';
import { printable } from '../model/printable.ts';
import type { Step, StepKind, StepOf } from '../model/step/step.ts';
import type { StepExecution } from '../model/step/step-execution.ts';
import { advanceSlot } from './advance-slot/advance-slot.ts';
import { changeSchema } from './change-schema.ts';
import { copyTables } from './copy/copy-tables.ts';
import { loadSnapshot } from './copy/load-snapshot.ts';
import { settleCopy } from './copy/settle-copy.ts';
import { truncateTables } from './copy/truncate-tables.ts';
import { undoCopy } from './copy/undo-copy.ts';
import { verifyEmpty } from './copy/verify-empty.ts';
import type { Executor } from './executor.ts';
import { dropMetadata } from './metadata/drop-metadata.ts';
import { forgetFormerNodes } from './metadata/forget-former-nodes.ts';
import { installMetadata } from './metadata/install-metadata.ts';
import { recordOwnership } from './metadata/record-ownership.ts';
import { registerNode } from './metadata/register-node.ts';
import { unregisterNode } from './metadata/unregister-node.ts';
import { alterPublication } from './publication/alter-publication.ts';
import { createPublication } from './publication/create-publication.ts';
import { dropPublication } from './publication/drop-publication.ts';
import { renamePublication } from './publication/rename-publication.ts';
import { replacePublication } from './publication/replace-publication.ts';
import { setReplicaIdentity } from './publication/set-replica-identity.ts';
import { advanceOrigin } from './slot/advance-origin.ts';
import { createSlot } from './slot/create-slot.ts';
import { dropSlot } from './slot/drop-slot.ts';
import { alterSubscription } from './subscription/alter-subscription.ts';
import { createSubscription } from './subscription/create-subscription.ts';
import { disableSubscription } from './subscription/disable-subscription.ts';
import { dropSubscription } from './subscription/drop-subscription.ts';
import { enableSubscription } from './subscription/enable-subscription.ts';
import { refreshSubscription } from './subscription/refresh-subscription.ts';
import { refreshWhileEmpty } from './subscription/refresh-while-empty.ts';
import { renameSubscription } from './subscription/rename-subscription.ts';
import { setPublications } from './subscription/set-publications.ts';
import { setSlot } from './subscription/set-slot.ts';
import { setSubscriptionOption } from './subscription/set-subscription-option.ts';
import { trySubscription } from './subscription/try-subscription.ts';
import { waitForCopy } from './wait/wait-for-copy.ts';
import { waitForSlot } from './wait/wait-for-slot.ts';
import { waitForStop } from './wait/wait-for-stop.ts';

const executors: { readonly [K in StepKind]: Executor<StepOf<K>> } = {
  'install-metadata': installMetadata,
  'register-node': registerNode,
  'unregister-node': unregisterNode,
  'drop-metadata': dropMetadata,
  'set-replica-identity': setReplicaIdentity,
  'create-publication': createPublication,
  'replace-publication': replacePublication,
  'alter-publication': alterPublication,
  'rename-publication': renamePublication,
  'drop-publication': dropPublication,
  'create-slot': createSlot,
  'drop-slot': dropSlot,
  'try-subscription': trySubscription,
  'truncate-tables': truncateTables,
  'copy-tables': copyTables,
  'load-snapshot': loadSnapshot,
  'settle-copy': settleCopy,
  'undo-copy': undoCopy,
  'create-subscription': createSubscription,
  'alter-subscription': alterSubscription,
  'rename-subscription': renameSubscription,
  'set-subscription-option': setSubscriptionOption,
  'set-publications': setPublications,
  'set-slot': setSlot,
  'advance-origin': advanceOrigin,
  'enable-subscription': enableSubscription,
  'disable-subscription': disableSubscription,
  'refresh-subscription': refreshSubscription,
  'refresh-while-empty': refreshWhileEmpty,
  'drop-subscription': dropSubscription,
  'verify-empty': verifyEmpty,
  'wait-for-slot': waitForSlot,
  'advance-slot': advanceSlot,
  'wait-for-stop': waitForStop,
  'wait-for-copy': waitForCopy,
  'change-schema': changeSchema,
  'record-ownership': recordOwnership,
  'forget-former-nodes': forgetFormerNodes,
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
  const note = executor.note?.(step);
  return {
    statements: [
      ...(note === undefined ? [] : [note.map((line) => `-- ${printable(line)}`).join('\n')]),
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
