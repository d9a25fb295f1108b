// The steps on a subscription, all of them on the node that subscribes. What a step is: step.ts.

import type { QualifiedName } from '../identifier.ts';
import type { Address, NodeName } from '../state/address.ts';
import type { ConsentedCode } from '../state/foreign-code.ts';
import type { StepBase } from './step-base.ts';

/** Creates the subscription on a slot that is there already; always with create_slot = false. */
export interface CreateSubscription extends StepBase {
  readonly kind: 'create-subscription';
  readonly subscription: string;
  readonly source: NodeName;
  readonly publications: readonly string[];
  readonly slot: string;
  readonly enabled: boolean;
  readonly copyData: boolean;
  /**
   * A publication of just the tables that are copied already: the subscription begins with these, and a
   * refresh adds the others. Null: it begins with all tables of its publications.
   */
  readonly copied: string | null;
  /** The rows are there: a user brought them, and `steep init complete` looked. */
  readonly restored?: true;
  /** Only what differs from the server's defaults. */
  readonly options: Readonly<Record<string, string>>;
  /** The connection string that is written, without its secrets. Absent: it is not known. */
  readonly connection?: string;
  /** Settings that would keep the text of the statement with its password, and are turned off before. Absent: none. */
  readonly loggingOff?: readonly string[];
}

/** Creates the subscription and rolls it back: that it can be made is known before its rows are copied. */
export interface TrySubscription extends StepBase {
  readonly kind: 'try-subscription';
  readonly subscription: string;
  readonly source: NodeName;
  /** Empty: only the connection is tried. */
  readonly publications: readonly string[];
  /** Null: none, of a subscription that is there and reads its own. */
  readonly slot: string | null;
  /** Only what differs from the server's defaults. */
  readonly options: Readonly<Record<string, string>>;
  /** The connection string that is written, without its secrets. Absent: it is not known. */
  readonly connection?: string;
  /** Settings that would keep the text of the statement with its password, and are turned off before. Absent: none. */
  readonly loggingOff?: readonly string[];
}

/** Empties tables before an initial copy fills them. */
export interface TruncateTables extends StepBase {
  readonly kind: 'truncate-tables';
  readonly subscription: string;
  readonly tables: readonly QualifiedName[];
  /**
   * Those of them that are named only since they refer to others by foreign keys. Where one holds a row, none is emptied;
   * absent: none.
   */
  readonly onlyIfEmpty?: readonly QualifiedName[];
  /** The subscription stays, and an earlier step made it forget the tables: where it knows one, none is emptied. */
  readonly forgotten?: true;
  /** Those of them that other tables inherit from, which keep their rows; absent: none. */
  readonly parents?: readonly QualifiedName[];
  /** Code of roles that are not trusted, which it may run since that was agreed to; absent: none. */
  readonly foreignCode?: readonly ConsentedCode[];
}

/** Copies all tables at the snapshot of the slot, which the same run made; no subscription is there yet. */
export interface CopyTables extends StepBase {
  readonly kind: 'copy-tables';
  readonly subscription: string;
  readonly source: NodeName;
  readonly slot: string;
  readonly publications: readonly string[];
  readonly tables: readonly QualifiedName[];
  readonly workers: number;
  /** Those of them that pg_dump reads, each in one piece; absent: none. */
  readonly dumped?: readonly QualifiedName[];
  /** All tables are held in ACCESS SHARE mode until the last row is read; absent: each only while it is read. */
  readonly holdTables?: true;
  /** Their rows are not proven at the end. */
  readonly unchecked?: true;
  /** Code of roles that are not trusted, which it may run since that was agreed to; absent: none. */
  readonly foreignCode?: readonly ConsentedCode[];
}

/** Loads tables from a snapshot on storage; what is there already of the same snapshot stays. */
export interface LoadSnapshot extends StepBase {
  readonly kind: 'load-snapshot';
  /** What follows the rows; null: nothing yet. */
  readonly subscription: LoadedSubscription | null;
  readonly snapshotId: string;
  /** Of the bytes of its manifest, in hexadecimal. */
  readonly manifestSha256: string;
  /** As the file says it. */
  readonly location: string;
  readonly tables: readonly QualifiedName[];
  readonly workers: number;
  /** Of these tables in the snapshot; bytes: of their tables on the source. */
  readonly rows: number;
  readonly bytes: number;
  /** Loaded before, and changed by others since: they are emptied, and loaded again; absent: none. */
  readonly changed?: readonly QualifiedName[];
  /** The rows of the tables are not proven at the end. */
  readonly unchecked?: true;
  /** Code of roles that are not trusted, which it may run since that was agreed to; absent: none. */
  readonly foreignCode?: readonly ConsentedCode[];
}

export interface LoadedSubscription {
  readonly name: string;
  readonly source: NodeName;
  readonly slot: string;
  /** Where the snapshot and the slot meet. */
  readonly lsn: string;
}

/** After an interrupted copy: empties the tables that it did not finish, and makes every index and constraint again. */
export interface SettleCopy extends StepBase {
  readonly kind: 'settle-copy';
  readonly subscription: string;
  /** PostgreSQL has copied what was unfinished: what had to wait for those rows is made. Null: not yet. */
  readonly part: 'rest' | null;
  readonly finished: readonly QualifiedName[];
  readonly unfinished: readonly QualifiedName[];
  /** Of the unfinished: finished, and changed by others since; absent: none. */
  readonly changed?: readonly QualifiedName[];
  /** The rows of the finished tables are not proven at the end. */
  readonly unchecked?: true;
  /** Code of roles that are not trusted, which it may run since that was agreed to; absent: none. */
  readonly foreignCode?: readonly ConsentedCode[];
}

/** After an interrupted copy: empties all that it filled, and makes every index and constraint again. */
export interface UndoCopy extends StepBase {
  readonly kind: 'undo-copy';
  readonly subscription: string;
  readonly tables: readonly QualifiedName[];
  /** Under which its rows are in the copy checkpoints. Absent: under the name of the subscription. */
  readonly checkpointsKey?: string;
  /** Nothing follows: it is as if the copy had never been begun. Absent: it begins again. */
  readonly ends?: true;
  /** Code of roles that are not trusted, which it may run since that was agreed to; absent: none. */
  readonly foreignCode?: readonly ConsentedCode[];
}

/** Everything that ALTER SUBSCRIPTION changes inside one transaction. */
export interface AlterSubscription extends StepBase {
  readonly kind: 'alter-subscription';
  readonly subscription: string;
  readonly source: NodeName | null;
  readonly setConnection: boolean;
  readonly options: Readonly<Record<string, string>>;
  /** The connection string that is written, without its secrets. Absent: it is not known. */
  readonly connection?: string;
  /** Settings that would keep the text of the statement with its password, and are turned off before. Absent: none. */
  readonly loggingOff?: readonly string[];
}

/** The address is the new one; ownership moves in the same transaction, and the slot stays. */
export interface RenameSubscription extends StepBase {
  readonly kind: 'rename-subscription';
  /** The old name. */
  readonly subscription: string;
  readonly to: string;
  readonly fromAddress: Address;
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
  /** For a while: they leave out tables that are copied again, or are former names. Absent: those of the file. */
  readonly aside?: true;
}

/** SET (slot_name = …): points a disabled subscription at its slot. */
export interface SetSlot extends StepBase {
  readonly kind: 'set-slot';
  readonly subscription: string;
  readonly slot: string;
}

/** Tells a disabled subscription up to where it holds the changes of its source already. */
export interface AdvanceOrigin extends StepBase {
  readonly kind: 'advance-origin';
  readonly subscription: string;
  readonly lsn: string;
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
  /** After `set-publications` aside: it leaves out these tables, which are copied again, and no others. */
  readonly aside?: readonly QualifiedName[];
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

/** Detaches the slot and drops the subscription, in one transaction; the slot is a step of its own. */
export interface DropSubscription extends StepBase {
  readonly kind: 'drop-subscription';
  readonly subscription: string;
  /** Its initial copy is cancelled: its state is kept, as uninitialized. */
  readonly cancels?: true;
  /** It is created again with a new initial copy: its state is kept, as reinitializing. */
  readonly reinitializes?: true;
}

/** Sets the sequences of copied tables as far as they are on the source, and never back. */
export interface AdvanceSequences extends StepBase {
  readonly kind: 'advance-sequences';
  readonly subscription: string;
  readonly source: NodeName;
  readonly tables: readonly QualifiedName[];
}

/** Waits until the initial copy of every table of a subscription is done. */
export interface WaitForCopy extends StepBase {
  readonly kind: 'wait-for-copy';
  readonly subscription: string;
}
