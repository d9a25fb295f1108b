// What the judgement of statements needs to know of the server on which they are to run.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { StatementSubject } from './known-statements.ts';

export interface TargetFacts {
  /** As which steep is connected. */
  readonly role: Owner;
  readonly databaseOwner: Owner;
  /** Built-in functions that may be called without being asked about. */
  readonly harmless: ReadonlySet<string>;
  /** Types of users, by formatName; those that are not there are not in it. */
  readonly types: ReadonlyMap<string, TargetType>;
  /** By ownerKey(); what is not there is not in it. */
  readonly owners: ReadonlyMap<string, Owner>;
  /** Extensions that any role with CREATE on the database may install. */
  readonly trustedExtensions: ReadonlySet<string>;
}

export interface Owner {
  readonly name: string;
  readonly isSuperuser: boolean;
  /** Whether steep's role may SET ROLE to it. */
  readonly canBecome: boolean;
  /** Whether it may create objects in the schema of what it owns. */
  readonly canCreate: boolean;
}

export interface TargetType {
  /** Of a domain, and of all domains that the type is made of: `CHECK (VALUE > 0)`, `DEFAULT now()`. */
  readonly expressions: readonly string[];
  /** Of roles that steep does not trust: `the cast public.f(public.t) of role app`. */
  readonly functions: readonly string[];
}

/** What facts are asked for. */
export interface WantedFacts {
  readonly functions: readonly string[];
  readonly types: readonly QualifiedName[];
  readonly extensions: readonly string[];
  readonly schemas: readonly string[];
  readonly objects: readonly StatementSubject[];
}

/** Tables, sequences and indexes share their names. */
export const ownerKey = ({ kind, name }: StatementSubject): string =>
  `${kind === 'table' || kind === 'sequence' || kind === 'index' ? 'relation' : kind} ${formatName(name)}`;

export const schemaKey = (schema: string): string => `schema ${schema}`;
