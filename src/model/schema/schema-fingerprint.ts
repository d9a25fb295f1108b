// Fingerprints as they are compared between nodes: of a schema, of a table.

import type { QualifiedName } from '../identifier.ts';

/** One number for all tables of a schema: where it is equal on two nodes, nothing else need be read. */
export interface SchemaRoot {
  readonly schema: string;
  readonly tables: number;
  readonly fingerprint: string;
}

export interface TableFingerprint {
  readonly name: QualifiedName;
  readonly columnCount: number;
  /** Of the whole definition. SHA-256 in hexadecimal, as the others. */
  readonly strict: string;
  /** Of what apply needs: names and types of columns, and the identity. */
  readonly replication: string;
}

/** A table with the fields that its strict fingerprint is of, as a JSON document. */
export interface CapturedTable extends TableFingerprint {
  readonly document: string;
}
