// The steps on a publication, all of them on the node that publishes. What a step is: step.ts.

import type { QualifiedName } from '../identifier.ts';
import type { Address } from '../state/address.ts';
import type { PublicationSpec, PublishedTable, PublishOperation } from '../state/resource.ts';
import type { StepBase } from './step-base.ts';

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
  /** Tables whose write transactions must have ended before the name is reused. */
  readonly locks: readonly QualifiedName[];
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
  /** It drops tables that every subscription is known to get by another publication. */
  readonly moved?: true;
}

/** The address is the new one; ownership moves in the same transaction. */
export interface RenamePublication extends StepBase {
  readonly kind: 'rename-publication';
  /** The old name. */
  readonly publication: string;
  readonly to: string;
  readonly fromAddress: Address;
  /** What is made under the old name at the same moment, for those who still read it; null: none does. */
  readonly alias: PublicationSpec | null;
  readonly withGeneratedColumns: boolean;
  /** Tables whose writers must have ended when the name changes hands; none without a publication alias. */
  readonly locks: readonly QualifiedName[];
}

export interface DropPublication extends StepBase {
  readonly kind: 'drop-publication';
  readonly publication: string;
}
