// Names that changed while what they name stayed: told by ids of the catalog, which a name does not change.

import type { QualifiedName } from '../identifier.ts';

/** Ids of a table as one server has them. Nothing of it counts in a fingerprint: two nodes never have the same. */
export interface CatalogIds {
  readonly name: QualifiedName;
  /** The oid of the table. */
  readonly relation: string;
  /** By name; a number is never given to another column of the table. */
  readonly columns: Readonly<Record<string, number>>;
  /** Of the enums that its columns use: the oid of each label. */
  readonly labels: readonly (readonly [
    schema: string,
    type: string,
    labels: Readonly<Record<string, string>>,
  ])[];
  /** Of the composite types: the number of each attribute. */
  readonly attributes: readonly (readonly [
    schema: string,
    type: string,
    attributes: Readonly<Record<string, number>>,
  ])[];
}

/** With one name twice, the column was dropped, and another one has its name. */
export interface ColumnRenaming {
  readonly table: QualifiedName;
  readonly from: string;
  readonly to: string;
}

/** Of a label of an enum, or of an attribute of a composite type. */
export interface TypeRenaming {
  readonly type: QualifiedName;
  readonly from: string;
  readonly to: string;
}

/** What was certainly renamed. */
export interface Renamings {
  readonly columns: readonly ColumnRenaming[];
  readonly labels: readonly TypeRenaming[];
  readonly attributes: readonly TypeRenaming[];
}

export const noRenamings: Renamings = { columns: [], labels: [], attributes: [] };
