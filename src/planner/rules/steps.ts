// Makes steps. Each maker has an `id`, so that dependencies in the rules read as prose:
// createSubscription(…, { afterIfPlanned: [createSlot.id(slot), …] }).

import type { FoundHazard } from '../../model/plan/hazard.ts';
import type { Address } from '../../model/state/address.ts';
import type { OwnershipRecord, StepId, StepKind, StepOf } from '../../model/step/step.ts';
import type { StepDraft } from '../draft.ts';

interface Common {
  readonly node: string;
  readonly address: Address;
  readonly why: string;
  /** Steps of the same plan that come before. A plan without one of them is a fault of the rule. */
  readonly after?: readonly StepId[];
  /** As `after`, where they are planned: what is not planned is done already. */
  readonly afterIfPlanned?: readonly StepId[];
  readonly continues?: StepId | undefined;
  readonly hazards?: readonly FoundHazard[];
  readonly owns?: OwnershipRecord;
  readonly forgets?: readonly Address[];
}

type Payload<K extends StepKind> = Omit<
  StepOf<K>,
  | 'continues'
  | 'id'
  | 'kind'
  | 'node'
  | 'address'
  | 'why'
  | 'needs'
  | 'hazards'
  | 'owns'
  | 'forgets'
  | 'unrecorded'
>;

interface StepMaker<K extends StepKind> {
  (common: Common, payload: Payload<K>): StepDraft;
  /** `qualifier`: where one resource may have several steps of the kind. */
  readonly id: (address: Address, qualifier?: string) => StepId;
}

const maker = <K extends StepKind>(
  kind: K,
  qualifierOf: (payload: Payload<K>) => string | undefined = () => undefined,
): StepMaker<K> => {
  const id = (address: Address, qualifier?: string): StepId =>
    qualifier === undefined ? `${kind} ${address}` : `${kind} ${address} ${qualifier}`;
  const make = (common: Common, payload: Payload<K>): StepDraft =>
    ({
      id: id(common.address, qualifierOf(payload)),
      kind,
      node: common.node,
      address: common.address,
      why: common.why,
      needs: [...(common.after ?? []), ...(common.afterIfPlanned ?? [])],
      requires: common.after ?? [],
      ...(common.continues === undefined ? {} : { continues: common.continues }),
      hazards: common.hazards ?? [],
      owns: common.owns ?? null,
      forgets: common.forgets ?? [],
      ...payload,
    }) as StepDraft;
  return Object.assign(make, { id });
};

export const installMetadata = maker('install-metadata');
export const registerNode = maker('register-node');
export const unregisterNode = maker('unregister-node');
export const dropMetadata = maker('drop-metadata');
export const setReplicaIdentity = maker('set-replica-identity');
export const createPublication = maker('create-publication');
export const replacePublication = maker('replace-publication');
/** Qualified where tables leave it that come by another publication from then on. */
export const alterPublication = maker('alter-publication', ({ moved }) => moved && 'moved');
export const renamePublication = maker('rename-publication');
export const dropPublication = maker('drop-publication');
export const createSlot = maker('create-slot');
export const dropSlot = maker('drop-slot');
export const moveSlot = maker('move-slot');
export const createOrigin = maker('create-origin');
export const dropOrigin = maker('drop-origin');
export const moveOrigin = maker('move-origin');
export const trySubscription = maker('try-subscription');
export const truncateTables = maker('truncate-tables');
export const copyTables = maker('copy-tables');
export const loadSnapshot = maker('load-snapshot');
export const settleCopy = maker('settle-copy', ({ part }) => part ?? undefined);
export const undoCopy = maker('undo-copy');
export const createSubscription = maker('create-subscription');
export const alterSubscription = maker('alter-subscription');
export const renameSubscription = maker('rename-subscription');
export const setSubscriptionOption = maker('set-subscription-option', ({ option }) => option);
/** Qualified where they are read for a while only: such a plan sets the publications of the file again. */
export const setPublications = maker('set-publications', ({ aside }) => aside && 'aside');
export const setSlot = maker('set-slot');
export const advanceOrigin = maker('advance-origin');
export const mergePair = maker('merge-pair');
export const forgetFormerNodes = maker('forget-former-nodes');
export const enableSubscription = maker('enable-subscription');
export const disableSubscription = maker('disable-subscription');
export const refreshSubscription = maker('refresh-subscription', ({ aside }) => aside && 'aside');
export const refreshWhileEmpty = maker('refresh-while-empty');
export const dropSubscription = maker('drop-subscription');
export const verifyEmpty = maker('verify-empty');
export const waitForSlot = maker(
  'wait-for-slot',
  ({ untilSlot, moved, orStopped }) => untilSlot ?? (moved && 'moved') ?? (orStopped && 'stopped'),
);
export const advanceSlot = maker('advance-slot');
export const waitForStop = maker('wait-for-stop');
export const waitForCopy = maker('wait-for-copy');
export const advanceSequences = maker('advance-sequences');
export const changeSchema = maker('change-schema', ({ part }) => part ?? undefined);
export const recordOwnership = maker('record-ownership');
