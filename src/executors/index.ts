// One executor per kind of step: a missing entry does not compile.

import { type PlanLimits, usualLimits } from '../model/plan.ts';
import { printable } from '../model/printable.ts';
import type { Step, StepKind, StepOf } from '../model/step.ts';
import type { StepExecution } from '../model/step-execution.ts';
import { advanceOrigin } from './advance-origin.ts';
import { advanceSlot } from './advance-slot/advance-slot.ts';
import { alterPublication } from './alter-publication.ts';
import { alterSubscription } from './alter-subscription.ts';
import { changeSchema } from './change-schema.ts';
import { copyTables } from './copy-tables.ts';
import { createPublication } from './create-publication.ts';
import { createSlot } from './create-slot.ts';
import { createSubscription } from './create-subscription.ts';
import { disableSubscription } from './disable-subscription.ts';
import { dropMetadata } from './drop-metadata.ts';
import { dropPublication } from './drop-publication.ts';
import { dropSlot } from './drop-slot.ts';
import { dropSubscription } from './drop-subscription.ts';
import { enableSubscription } from './enable-subscription.ts';
import type { Executor } from './executor.ts';
import { forgetFormerNodes } from './forget-former-nodes.ts';
import { installMetadata } from './install-metadata.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { recordOwnership } from './record-ownership.ts';
import { refreshSubscription } from './refresh-subscription.ts';
import { refreshWhileEmpty } from './refresh-while-empty.ts';
import { registerNode } from './register-node.ts';
import { renamePublication } from './rename-publication.ts';
import { renameSubscription } from './rename-subscription.ts';
import { replacePublication } from './replace-publication.ts';
import { setPublications } from './set-publications.ts';
import { setReplicaIdentity } from './set-replica-identity.ts';
import { setSlot } from './set-slot.ts';
import { setSubscriptionOption } from './set-subscription-option.ts';
import { settleCopy } from './settle-copy.ts';
import { truncateTables } from './truncate-tables.ts';
import { trySubscription } from './try-subscription.ts';
import { undoCopy } from './undo-copy.ts';
import { unregisterNode } from './unregister-node.ts';
import { verifyEmpty } from './verify-empty.ts';
import { waitForCopy } from './wait-for-copy.ts';
import { waitForSlot } from './wait-for-slot.ts';
import { waitForStop } from './wait-for-stop.ts';

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
