// What of a table lets replication or a copy change, hide or leave out rows without an error. A table that is free of it
// has none.

import type { QualifiedName } from '../identifier.ts';

export interface ReplicaTrigger {
  readonly name: string;
  /** It is called before each row, and may change the row or leave it out. */
  readonly changesRows: boolean;
}

/** A function that names something without its schema, and has no search_path of its own. */
export interface UnqualifiedFunction {
  /** With its schema and the types of its arguments. */
  readonly name: string;
  readonly schema: string;
  /** In order. */
  readonly unqualified: readonly string[];
}

export interface TableTraps {
  /** Columns with OIDs of other objects in them (regclass, regtype, …, also inside arrays, composite types and domains). */
  readonly oidColumns?: readonly string[];
  /** Triggers that fire for rows of replication too: ENABLE ALWAYS and ENABLE REPLICA. */
  readonly replicaTriggers?: readonly ReplicaTrigger[];
  /** What its indexes, checks, generated columns, partition key and triggers of replication call, and would fail in a worker. */
  readonly unqualifiedNames?: readonly UnqualifiedFunction[];
  /** The primary key where it is deferrable: replication cannot find rows by it. */
  readonly deferrableKey?: string;
  /** Tables that inherit from it, and are no partitions. */
  readonly children?: readonly QualifiedName[];
  /** Of a partitioned table: partitions below it that are unlogged. Their rows are copied, and their changes never sent. */
  readonly unloggedPartitions?: readonly QualifiedName[];
  /** Of a partitioned table: partitions below it that are foreign tables. Apply stores no row in them, and sends none of them. */
  readonly foreignPartitions?: readonly QualifiedName[];
  /** A partition that was a table of its own before. */
  readonly attached?: true;
  /** Generated columns without stored values (18+): they are never published. */
  readonly virtualColumns?: readonly string[];
  /** Row security hides rows from the role that subscribers connect as. */
  readonly hidesRows?: true;
  /** The role that subscribers connect as, where it may not read the table: PostgreSQL's own copy of it would fail. */
  readonly closedTo?: string;
  /** It has no USAGE on the schema either. */
  readonly schemaClosed?: boolean;
}
