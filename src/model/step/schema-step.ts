// The step that brings a table of a subscriber, or what it needs, in line with the publisher.

import type { QualifiedName } from '../identifier.ts';
import type { SchemaObject } from '../schema/schema-change.ts';
import type { ConsentedCode } from '../state/foreign-code.ts';
import type { StepBase } from './step-base.ts';

/** DDL on one object of a subscriber, made from the definitions of its publisher. */
export interface ChangeSchema extends StepBase {
  readonly kind: 'change-schema';
  readonly object: SchemaObject;
  readonly part: string | null;
  readonly statements: readonly string[];
  /** The role that runs them and owns what they create; absent: steep's own role. */
  readonly role?: string;
  readonly lock: string | null;
  readonly losesData: boolean;
  /** Whose rows the statements check or convert; absent: of no table that was there when the plan was made. */
  readonly usesRowsOf?: readonly QualifiedName[];
  /** Code of roles that are not trusted, which it may run since that was agreed to; absent: none. */
  readonly foreignCode?: readonly ConsentedCode[];
}
