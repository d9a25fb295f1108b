// The tables of a node as replication sees them: columns, key, identity, partitions, size.

import type { QualifiedName } from '../identifier.ts';
import type { TableTraps } from './table-traps.ts';

export interface Column {
  readonly name: string;
  /** format_type() with every schema but pg_catalog spelled out. */
  readonly type: string;
  readonly notNull: boolean;
  readonly generated: boolean;
  /** pg_attribute.attnum: never given again. No entry: not known. */
  readonly number?: number;
  /** The transaction that wrote its definition last: ALTER COLUMN TYPE writes it, also where the type stays the same. */
  readonly row?: string;
}

export interface TableSequence {
  readonly name: QualifiedName;
  /** The role that applies may SELECT from it. */
  readonly readable: boolean;
  /** The role that applies may SELECT from it and UPDATE it. */
  readonly settable: boolean;
  /** It belongs to a column, or the owner of the table may set it: steep sets no others. */
  readonly ofOwner: boolean;
  /** It belongs to a column, so that its owner is that of the table. */
  readonly ofColumn: boolean;
  /** The role that applies owns it (or is a superuser). */
  readonly owned: boolean;
  readonly owner: string;
  readonly ownerSuperuser: boolean;
}

export type IdentityMode = 'default' | 'full' | 'nothing' | 'index';

export interface Table {
  /** No entry: it is not known. */
  readonly oid?: number;
  readonly name: QualifiedName;
  readonly columns: readonly Column[];
  readonly identityMode: IdentityMode;
  /** The index of REPLICA IDENTITY USING INDEX; null in the other modes. */
  readonly identityIndex: string | null;
  /** Columns that UPDATE and DELETE send; null: the table has no usable identity. */
  readonly identityColumns: readonly string[] | null;
  /** Columns of the indexes that REPLICA IDENTITY USING INDEX can name, but TABLE_pkey; no entry: not known. */
  readonly identityIndexes?: Readonly<Record<string, readonly string[]>>;
  /** Of the primary key, which is the identity in the mode `default`; null: there is none. */
  readonly keyColumns: readonly string[] | null;
  /** Partitioned tables hold no rows themselves. */
  readonly partitioned: boolean;
  /** `RANGE (id)`; no entry: not partitioned. */
  readonly partitionKey?: string;
  readonly parent: QualifiedName | null;
  /** The transaction that attached it; no entry: no partition. */
  readonly parentRow?: string;
  /** The transaction that put it into its schema; no entry: it is not known. */
  readonly schemaRow?: string;
  /** The number of its file (relfilenode); no entry: it has none, or it is not known. */
  readonly file?: number;
  /** `FOR VALUES …` or `DEFAULT`; no entry: no partition. */
  readonly bound?: string;
  /** Those that feed a column (serial, identity, or a default with nextval): they are not replicated. */
  readonly sequences: readonly TableSequence[];
  /** The role that applies owns it (or is a superuser). */
  readonly ownedByRole: boolean;
  /** The role that applies may lock it against writers (LOCK TABLE). */
  readonly lockable: boolean;
  /** The role that applies may TRUNCATE it. */
  readonly truncatable: boolean;
  /** The role that applies may SET ROLE to its owner, as the apply worker of a subscription does. */
  readonly settable: boolean;
  /** The role that applies has USAGE on its schema, without which no name in it is found. */
  readonly reachable: boolean;
  /** The role that applies may SELECT all of it. */
  readonly readable: boolean;
  /** Policies decide who sees which of its rows; forced: its owner too. */
  readonly rowSecurity: 'none' | 'enabled' | 'forced';
  /** They decide it for the role that applies. */
  readonly rowsHidden: boolean;
  /** They decide it for its owner. */
  readonly hiddenFromOwner?: true;
  /** Triggers or foreign keys would work on rows that a session of an ordinary role stores in it. */
  readonly checked: boolean;
  readonly owner: string;
  readonly ownerSuperuser: boolean;
  /** The planner's estimate; null: never analyzed. */
  readonly estimatedRows: number | null;
  readonly bytes: number;
  /** False: proven empty; true: rows are there, or could not be ruled out; null: not requested. */
  readonly hasRows: boolean | null;
  /** Whether it has rows is not known: the connected role may not look, and its files are not empty. */
  readonly rowsUnread?: true;
  /** What of it changes, hides or leaves out rows; no entry: nothing. */
  readonly traps?: TableTraps;
}
