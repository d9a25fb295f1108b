// What is asked of the rows of an initial copy before it is made, and what the publisher says.

import type { QualifiedName } from '../identifier.ts';
import type { Address, NodeName } from '../state/address.ts';

/** A table as it is to be sent. */
export interface WantedSample {
  /** Of the copy. */
  readonly address: Address;
  readonly source: NodeName;
  readonly table: QualifiedName;
  readonly columns: readonly string[];
  /** The row filter of all its publications together; null: all rows. */
  readonly where: string | null;
  /** Values travel in their binary form. */
  readonly binary: boolean;
  /** Bytes of the table on the publisher. */
  readonly size: number;
  /** Whether the planner of the server has statistics of it. */
  readonly analyzed: boolean;
}

/** What was tried of a server before a copy, in bytes a second; null: not known. */
export interface TriedSpeed {
  /** Reads rows and makes of them what is sent. */
  readonly read: number | null;
  /** From the server to steep. */
  readonly line: number | null;
}

/** All that was asked of servers before copies are made. */
export interface CopyProbes {
  /** By the address of the copy. */
  readonly samples: Readonly<Record<Address, RowSample>>;
  readonly speeds: Readonly<Record<NodeName, TriedSpeed>>;
}

/** Of all rows that will be sent; bytes null: not known. */
export interface RowSample {
  readonly rows: number;
  readonly bytes: number | null;
}
