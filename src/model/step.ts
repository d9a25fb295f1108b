// Step: one action on one node, as data. A saved plan holds steps; an executor per kind runs them.

import type { Address, NodeName } from './address.ts';
import type { QualifiedName } from './identifier.ts';
import type {
  IdentitySpec,
  PublicationSpec,
  PublishedTable,
  PublishOperation,
} from './resource.ts';
import type { SchemaObject } from './schema-change.ts';
import type { StepBase } from './step-base.ts';

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

export interface CreatePublication extends StepBase {
  readonly kind: 'create-publication';
  readonly publication: string;
  readonly spec: PublicationSpec;
  /** publish_generated_columns is known here (18+). */
  readonly withGeneratedColumns: boolean;
}

/** DROP and CREATE in one transaction: for what ALTER PUBLICATION cannot do. */
export interface ReplacePublication extends StepBase {
  readonly kind: 'replace-publication';
  readonly publication: string;
  readonly spec: PublicationSpec;
  readonly withGeneratedColumns: boolean;
}

export interface PublicationSettings {
  readonly publish?: readonly PublishOperation[];
  readonly viaPartitionRoot?: boolean;
  readonly generatedColumns?: 'none' | 'stored';
}

export interface AlterPublication extends StepBase {
  readonly kind: 'alter-publication';
  readonly publication: string;
  readonly dropTables: readonly QualifiedName[];
  readonly addTables: readonly PublishedTable[];
  readonly dropSchemas: readonly string[];
  readonly addSchemas: readonly string[];
  readonly settings: PublicationSettings;
  /** Lock the added tables first: this minor release loses changes in flight otherwise. */
  readonly lockAdded: boolean;
}

/** The address is the new one; ownership moves in the same transaction. */
export interface RenamePublication extends StepBase {
  readonly kind: 'rename-publication';
  /** The old name. */
  readonly publication: string;
  readonly to: string;
  readonly fromAddress: Address;
  /** What is made under the old name at the same moment, for those who still read it; null: nobody does. */
  readonly standIn: PublicationSpec | null;
  readonly withGeneratedColumns: boolean;
}

export interface DropPublication extends StepBase {
  readonly kind: 'drop-publication';
  readonly publication: string;
}

export interface CreateSlot extends StepBase {
  readonly kind: 'create-slot';
  readonly slot: string;
  readonly plugin: string;
}

export interface DropSlot extends StepBase {
  readonly kind: 'drop-slot';
  readonly slot: string;
}

/** Creates the subscription on a slot that is there already; always with create_slot = false. */
export interface CreateSubscription extends StepBase {
  readonly kind: 'create-subscription';
  readonly subscription: string;
  readonly source: NodeName;
  readonly publications: readonly string[];
  readonly slot: string;
  readonly enabled: boolean;
  readonly copyData: boolean;
  /** Only what differs from the server's defaults. */
  readonly options: Readonly<Record<string, string>>;
}

/** Everything that ALTER SUBSCRIPTION changes inside one transaction. */
export interface AlterSubscription extends StepBase {
  readonly kind: 'alter-subscription';
  readonly subscription: string;
  readonly source: NodeName | null;
  readonly setConnection: boolean;
  readonly options: Readonly<Record<string, string>>;
}

/** failover and two_phase: one option a statement, disabled, outside a transaction block. */
export interface SetSubscriptionOption extends StepBase {
  readonly kind: 'set-subscription-option';
  readonly subscription: string;
  readonly option: string;
  readonly value: string;
}

/** SET PUBLICATION without a refresh; the refresh is a step of its own. */
export interface SetPublications extends StepBase {
  readonly kind: 'set-publications';
  readonly subscription: string;
  readonly publications: readonly string[];
}

/** SET (slot_name = …): points a disabled subscription at its slot. */
export interface SetSlot extends StepBase {
  readonly kind: 'set-slot';
  readonly subscription: string;
  readonly slot: string;
}

export interface EnableSubscription extends StepBase {
  readonly kind: 'enable-subscription';
  readonly subscription: string;
}

export interface DisableSubscription extends StepBase {
  readonly kind: 'disable-subscription';
  readonly subscription: string;
}

export interface RefreshSubscription extends StepBase {
  readonly kind: 'refresh-subscription';
  readonly subscription: string;
  readonly copyData: boolean;
}

/** Takes tables that are locked and empty on the source into the way back of a pair, and disables it. */
export interface RefreshWhileEmpty extends StepBase {
  readonly kind: 'refresh-while-empty';
  readonly subscription: string;
  readonly source: NodeName;
  readonly slot: string;
  readonly tables: readonly QualifiedName[];
  /** It is disabled now: REFRESH wants it enabled. */
  readonly enable: boolean;
}

/** The address is the new one; ownership moves in the same transaction, and the slot stays. */
export interface RenameSubscription extends StepBase {
  readonly kind: 'rename-subscription';
  /** The old name. */
  readonly subscription: string;
  readonly to: string;
  readonly fromAddress: Address;
}

/** Detaches the slot and drops the subscription, in one transaction; the slot is a step of its own. */
export interface DropSubscription extends StepBase {
  readonly kind: 'drop-subscription';
  readonly subscription: string;
}

/** Proves that tables were empty when the slot was made; otherwise drops the slot, which nobody reads yet, and fails. */
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
}

/** Waits until nobody reads a slot: the reader of a disabled subscription has ended. */
export interface WaitForStop extends StepBase {
  readonly kind: 'wait-for-stop';
  readonly slot: string;
}

/** Waits until the first copy of every table of a subscription is done. */
export interface WaitForCopy extends StepBase {
  readonly kind: 'wait-for-copy';
  readonly subscription: string;
}

/** DDL on one object of a subscriber, made from the definitions of its publisher. */
export interface ChangeSchema extends StepBase {
  readonly kind: 'change-schema';
  readonly object: SchemaObject;
  readonly part: string | null;
  readonly statements: readonly string[];
  readonly lock: string | null;
  readonly losesData: boolean;
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
  | CreateSubscription
  | AlterSubscription
  | RenameSubscription
  | SetSubscriptionOption
  | SetPublications
  | SetSlot
  | EnableSubscription
  | DisableSubscription
  | RefreshSubscription
  | RefreshWhileEmpty
  | DropSubscription
  | VerifyEmpty
  | WaitForSlot
  | WaitForStop
  | WaitForCopy
  | ChangeSchema
  | RecordOwnership;

export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { readonly kind: K }>;
