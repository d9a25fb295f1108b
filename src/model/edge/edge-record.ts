// What steep notes of an edge whose tables are copied: which tables of the publisher were copied, and which slot brings
// their changes. What differs later tells that rows are missing, though both servers call everything well.

import type { QualifiedName } from '../identifier.ts';
import type { NodeName } from '../state/address.ts';

/** Counters of the server tell one slot from another of the same name: they begin with the slot, and a reset leaves a time. */
export interface SlotStatistics {
  /** When the counters of the slot were reset; null: never since it was created. */
  readonly resetAt: string | null;
  /** Transactions that it has decoded. */
  readonly transactions: number;
  /** Since when the server counts at all: it loses all counters when it crashes. */
  readonly countingSince: string | null;
}

export interface SlotRecord extends SlotStatistics {
  readonly name: string;
}

/** A column of a table that was copied. */
export interface CopiedColumnRecord {
  readonly number: number;
  /** The transaction that wrote its definition last. */
  readonly row: string;
  readonly type: string;
  /** The number of the column of this name on the subscriber; null: there was none. */
  readonly stored: number | null;
}

export interface CopiedTableRecord {
  /** By formatName. */
  readonly table: string;
  readonly oid: number;
  /** Which copy it was: another one has another row in pg_subscription_rel. */
  readonly copy: string;
  /** OIDs of the partitions with rows that are sent as rows of the table, by formatName; no entry: it is not partitioned. */
  readonly partitions?: Readonly<Record<string, number>>;
  /** By formatName, what it is a partition of itself; no entry: nothing, or not on record. */
  readonly parent?: string;
  /**
   * The rows of pg_inherits by which a table is sent as part of another, by their transactions and from below: of each
   * partition with rows, up to the table; of the table itself, up to the first one, where it is published through it. By
   * formatName; no entry: not on record.
   */
  readonly links?: Readonly<Record<string, string>>;
  /** The numbers of the files of the table, or of its partitions with rows, by formatName; no entry: not on record. */
  readonly files?: Readonly<Record<string, number>>;
  /** What is sent of it, by name; no entry: not on record. */
  readonly columns?: Readonly<Record<string, CopiedColumnRecord>>;
  /** The transaction that put the table into its schema; no entry: not on record. */
  readonly schemaRow?: string;
  /**
   * By publication that sends it: its OID, then those of the rows in pg_publication_rel and pg_publication_namespace by which
   * it does. Empty: none sent it. No entry: not on record.
   */
  readonly sentBy?: Readonly<Record<string, readonly number[]>>;
}

/** A publication as it was: every ALTER PUBLICATION … SET, OWNER TO or RENAME TO writes its row in the catalog again. */
export interface PublicationRecord {
  readonly oid: number;
  /** The transaction that wrote its row last. */
  readonly row: string;
  readonly owner: number;
  readonly settings: {
    /** In order. */
    readonly publish: readonly string[];
    readonly viaPartitionRoot: boolean;
    readonly generatedColumns: string;
  };
}

/** Of a disabled subscription that nothing works for. */
export interface PausedPosition {
  /** Of its slot. */
  readonly confirmed: string;
  /** Of its origin; null: the role may not read it. */
  readonly applied: string | null;
}

/** A position was moved by hand past changes that were not applied yet; `reader`: by reading another slot, by its name. */
export interface MovedPosition {
  readonly what: 'slot' | 'origin' | 'reader';
  readonly from: string;
  readonly to: string;
}

export interface EdgeRecord {
  /** Its OID: one that was dropped and created again has another. */
  readonly subscription: number;
  /** The run that changed it last; no entry: not on record. What another session does to it leaves this as it is. */
  readonly appliedBy?: string;
  readonly source: NodeName;
  /** The system identifier of the publisher: after pg_upgrade it is another, and so are the OIDs of publications. */
  readonly publisher?: string | null;
  /** Null: nothing is known of it. */
  readonly slot: SlotRecord | null;
  /** What it reads, by name; no entry: not on record. */
  readonly publications?: Readonly<Record<string, PublicationRecord>>;
  /** No entry: it is enabled. */
  readonly paused?: PausedPosition;
  /** Said until it is copied again. No entry: nothing is known to be. */
  readonly moved?: MovedPosition;
  /** What was wrong with its tables when steep last applied, and was allowed: sentences. No entry: not on record. */
  readonly accepted?: readonly string[];
  readonly tables: readonly CopiedTableRecord[];
}

/** Of the tables of a subscriber as they are: a plan that touches them has the hazard of the same code. */
export const faultCodes = [
  'TABLE_SENT_TWICE',
  'REPLICA_TRIGGERS',
  'ROWS_NOT_FOUND',
  'DEFERRABLE_KEY',
  'CHILDREN_UNSENT',
  'SCHEMA_MISMATCH',
] as const;
export type FaultCode = (typeof faultCodes)[number];

/** Rows that differ between the ends, and that nothing will bring in line; or what will make them differ. */
export type EdgeGap =
  /** It was not so when steep last applied, or was not allowed then. */
  | {
      readonly kind: 'fault';
      readonly code: FaultCode;
      readonly message: string;
      readonly cure: string;
    }
  /** The publisher has another table of that name than was copied. */
  | { readonly kind: 'table'; readonly table: QualifiedName }
  /** A partition of it has rows from before it was one. */
  | { readonly kind: 'attached'; readonly table: QualifiedName; readonly partition: string }
  /** A partition of it, or the table itself, was no partition for a while: what was written to it then was not sent. */
  | { readonly kind: 'reattached'; readonly table: QualifiedName; readonly partition: string }
  /** What was a partition of it is none any more: its rows are still on the subscriber. */
  | { readonly kind: 'detached'; readonly table: QualifiedName; readonly partition: string }
  /** What is sent by itself was a partition of it and is none any more: on the subscriber it still is. */
  | { readonly kind: 'left'; readonly table: QualifiedName; readonly partition: string }
  /** A publication did not send it, or not all of it, for a while. */
  | { readonly kind: 'unsent'; readonly table: QualifiedName; readonly publication: string }
  /** It is UNLOGGED, or a partition of it is, or was for a while: what is written meanwhile is not sent. */
  | { readonly kind: 'unlogged'; readonly table: QualifiedName; readonly partition: string }
  /** Columns of it have other values than were copied, in rows that were there: no change brings them. */
  | { readonly kind: 'altered'; readonly table: QualifiedName; readonly columns: readonly string[] }
  /** PostgreSQL took it in without its rows, while other tables were copied again. */
  | { readonly kind: 'uncopied'; readonly table: QualifiedName }
  /** Slot or origin were moved by hand. */
  | ({ readonly kind: 'moved'; readonly slot: string } & MovedPosition)
  /** The slot is another one. */
  | { readonly kind: 'slot'; readonly slot: string };

/**
 * Whether a slot of the same name was dropped and created again. True is proof; false may be: where the server has lost its
 * counters, or a session has reset them, nothing is known.
 */
export const slotWasReplaced = (noted: SlotStatistics, now: SlotStatistics): boolean => {
  if (noted.countingSince === null || noted.countingSince !== now.countingSince) return false;
  if (noted.resetAt !== now.resetAt) return now.resetAt === null;
  return now.transactions < noted.transactions;
};
