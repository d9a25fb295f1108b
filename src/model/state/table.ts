// The tables of a node as replication sees them: columns, key, identity, partitions, size.

import type { QualifiedName } from '../identifier.ts';

export interface Column {
  readonly name: string;
  /** format_type() with every schema but pg_catalog spelled out. */
  readonly type: string;
  readonly notNull: boolean;
  readonly generated: boolean;
}

export type IdentityMode = 'default' | 'full' | 'nothing' | 'index';

export interface Table {
  readonly name: QualifiedName;
  readonly columns: readonly Column[];
  readonly identityMode: IdentityMode;
  /** The index of REPLICA IDENTITY USING INDEX; null in the other modes. */
  readonly identityIndex: string | null;
  /** Columns that UPDATE and DELETE send; null: the table has no usable identity. */
  readonly identityColumns: readonly string[] | null;
  /** Of the primary key, which is the identity in the mode `default`; null: there is none. */
  readonly keyColumns: readonly string[] | null;
  /** Partitioned tables hold no rows themselves. */
  readonly partitioned: boolean;
  readonly parent: QualifiedName | null;
  /** A sequence feeds a column (serial or identity): it is not replicated. */
  readonly hasSequence: boolean;
  /** The role that applies owns it (or is a superuser). */
  readonly ownedByRole: boolean;
  /** The role that applies may lock it against writers (LOCK TABLE). */
  readonly lockable: boolean;
  readonly owner: string;
  readonly ownerSuperuser: boolean;
  /** The planner's estimate; null: never analyzed. */
  readonly estimatedRows: number | null;
  readonly bytes: number;
  /** False: proven empty; true: rows are there, or could not be ruled out; null: not requested. */
  readonly hasRows: boolean | null;
  /** Whether it has rows is not known: the connected role may not look, and its files are not empty. */
  readonly rowsUnread?: true;
}
