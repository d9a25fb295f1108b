// Step: one action on one node, as data. A saved plan holds steps; an executor per kind runs them.

import type { QualifiedName } from '../identifier.ts';
import type { NodeName } from '../state/address.ts';
import type { IdentitySpec } from '../state/resource.ts';
import type { MergePair } from './merge-step.ts';
import type {
  AlterPublication,
  CreatePublication,
  DropPublication,
  RenamePublication,
  ReplacePublication,
} from './publication-steps.ts';
import type { ChangeSchema } from './schema-step.ts';
import type { StepBase } from './step-base.ts';
import type {
  AdvanceOrigin,
  AdvanceSequences,
  AlterSubscription,
  CopyTables,
  CreateSubscription,
  DisableSubscription,
  DropSubscription,
  EnableSubscription,
  LoadSnapshot,
  RefreshSubscription,
  RefreshWhileEmpty,
  RenameSubscription,
  SetPublications,
  SetSlot,
  SetSubscriptionOption,
  SettleCopy,
  TruncateTables,
  TrySubscription,
  UndoCopy,
  WaitForCopy,
} from './subscription-steps.ts';

export type { MergedTableStep } from './merge-step.ts';
export type { OwnershipRecord, StepId } from './step-base.ts';

export interface InstallMetadata extends StepBase {
  readonly kind: 'install-metadata';
  /** Version there is; 0: none. */
  readonly from: number;
  readonly to: number;
}

export interface RegisterNode extends StepBase {
  readonly kind: 'register-node';
  readonly priority: number;
  /** Absent: the name is its id, and what is known of host and port stays. */
  readonly title?: string;
  readonly host?: string;
  readonly port?: number;
}

/** Takes the registration of a node away; nothing that replicates is touched. */
export interface UnregisterNode extends StepBase {
  readonly kind: 'unregister-node';
}

/** Drops steep_repl, audit log included, once nothing is owned any more. */
export interface DropMetadata extends StepBase {
  readonly kind: 'drop-metadata';
}

export interface SetReplicaIdentity extends StepBase {
  readonly kind: 'set-replica-identity';
  readonly identity: IdentitySpec;
}

export interface CreateSlot extends StepBase {
  readonly kind: 'create-slot';
  readonly slot: string;
  readonly plugin: string;
  /** Standbys are told of it from its first moment (17+). */
  readonly failover?: true;
  /** The subscription that is filled from the snapshot of the slot, which the run then holds; null: none is. */
  readonly snapshotFor: SnapshotReader | null;
  /** It begins where the slot of a snapshot on storage is. Absent: where the source is now. */
  readonly copiedFrom?: CopiedSlot;
}

/** The slot of a snapshot on storage, for one of the subscriptions that are filled from it. */
export interface CopiedSlot {
  readonly slot: string;
  /** The position that it must have. */
  readonly lsn: string;
  readonly snapshotId: string;
  readonly node: NodeName;
  readonly subscription: string;
}

/** Who copies at the snapshot of a new slot. */
export interface SnapshotReader {
  readonly node: NodeName;
  readonly subscription: string;
  /** Of the publications as they are copied: a copy that is interrupted is continued only while they stay. */
  readonly publicationsDigest: string;
}

export interface DropSlot extends StepBase {
  readonly kind: 'drop-slot';
  readonly slot: string;
}

/** Moves a slot that no session reads forward: what it has not sent yet is never sent. */
export interface MoveSlot extends StepBase {
  readonly kind: 'move-slot';
  readonly slot: string;
  readonly lsn: string;
}

/** Of no subscription: those of subscriptions come and go with them. */
export interface CreateOrigin extends StepBase {
  readonly kind: 'create-origin';
  readonly origin: string;
}

export interface DropOrigin extends StepBase {
  readonly kind: 'drop-origin';
  readonly origin: string;
}

/** Moves an origin of no subscription forward. */
export interface MoveOrigin extends StepBase {
  readonly kind: 'move-origin';
  readonly origin: string;
  readonly lsn: string;
}

/**
 * Proves that tables were empty when the slot was made; otherwise drops the slot, which no session reads yet, and
 * fails.
 */
export interface VerifyEmpty extends StepBase {
  readonly kind: 'verify-empty';
  readonly slot: string;
  readonly publication: string;
  readonly tables: readonly QualifiedName[];
}

/** Waits until a subscriber has confirmed the WAL up to a point: what comes after is safe to change. */
export interface WaitForSlot extends StepBase {
  readonly kind: 'wait-for-slot';
  readonly slot: string;
  /** Null: the end of WAL when the step starts; else the position of this other slot. */
  readonly untilSlot: string | null;
  /** Tables leave one of its publications for another: the subscription must read the other first. */
  readonly moved?: true;
  /** It is enough that apply stops and gets no further: what comes next has names that the subscriber does not know yet. */
  readonly orStopped?: true;
}

/** Lets a subscription read its slot under former names of its publications, up to where the new names exist. */
export interface AdvanceSlot extends StepBase {
  readonly kind: 'advance-slot';
  readonly slot: string;
  readonly subscriber: NodeName;
  readonly subscription: string;
  /** What it reads now, of which some do not exist any more. */
  readonly former: readonly string[];
  /** What it is going to read. */
  readonly publications: readonly string[];
}

/** Waits until no session reads a slot: the reader of a disabled subscription has ended. */
export interface WaitForStop extends StepBase {
  readonly kind: 'wait-for-stop';
  readonly slot: string;
}

/** Deletes from steep_repl what a physical copy brought along of the nodes that it was made of. */
export interface ForgetFormerNodes extends StepBase {
  readonly kind: 'forget-former-nodes';
  readonly formerNodes: readonly NodeName[];
}

/** Writes or deletes ownership only: nothing that replicates is touched. */
export interface RecordOwnership extends StepBase {
  readonly kind: 'record-ownership';
}

export type Step =
  | InstallMetadata
  | RegisterNode
  | UnregisterNode
  | DropMetadata
  | SetReplicaIdentity
  | CreatePublication
  | ReplacePublication
  | AlterPublication
  | RenamePublication
  | DropPublication
  | CreateSlot
  | DropSlot
  | MoveSlot
  | CreateOrigin
  | DropOrigin
  | MoveOrigin
  | TrySubscription
  | TruncateTables
  | CopyTables
  | LoadSnapshot
  | SettleCopy
  | UndoCopy
  | CreateSubscription
  | AlterSubscription
  | RenameSubscription
  | SetSubscriptionOption
  | SetPublications
  | SetSlot
  | AdvanceOrigin
  | MergePair
  | EnableSubscription
  | DisableSubscription
  | RefreshSubscription
  | RefreshWhileEmpty
  | DropSubscription
  | VerifyEmpty
  | WaitForSlot
  | AdvanceSlot
  | WaitForStop
  | WaitForCopy
  | AdvanceSequences
  | ChangeSchema
  | RecordOwnership
  | ForgetFormerNodes;

export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { readonly kind: K }>;
