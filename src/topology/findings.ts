// Every code that a fault of steep.yaml can have, with its severity and its fixed summary.
// The detail of a finding says what, why and what to do; it never holds a value of a connection.

import type { Diagnostic, DiagnosticSeverity, SourceSpan } from '../model/diagnostic.ts';

interface FindingKind {
  readonly severity: DiagnosticSeverity;
  readonly summary: string;
}

const error = (summary: string): FindingKind => ({ severity: 'error', summary });
const warning = (summary: string): FindingKind => ({ severity: 'warning', summary });

/** The codes of topology, for `steep explain` and the docs. */
export const topologyFindings = {
  FILE_TOO_LARGE: error('The file is too large to be read.'),
  YAML_SYNTAX: error('The file is not valid YAML.'),
  DUPLICATE_KEY: error('A key is defined twice.'),
  INCLUDE_NOT_FOUND: error('An included file cannot be read.'),
  INCLUDE_CYCLE: error('Files include each other.'),
  INCLUDE_OUTSIDE: error('An included file is outside the project directory.'),
  SNAPSHOT_OUTSIDE: error('A snapshot is outside the project directory.'),
  DECISIONS_OUTSIDE: error('A file with decisions is outside the project directory.'),
  INCLUDE_NOT_TOPOLOGY: error('An included file is not part of a topology.'),
  INCLUDE_PATTERN: error('A pattern of include is too complex.'),
  INCLUDE_EMPTY: warning('A pattern matches no file.'),
  UNKNOWN_KEY: error('A key is unknown.'),
  MISSING_KEY: error('A key is missing.'),
  WRONG_TYPE: error('A value has the wrong type.'),
  INVALID_VALUE: error('A value is not allowed here.'),
  EMPTY_LIST: error('A list or mapping is empty.'),
  NOT_SUPPORTED_YET: error('This version of steep does not support this yet.'),
  INVALID_SIZE: error('A size cannot be read.'),
  INVALID_NAME: error('A name cannot be read.'),
  NAME_TOO_LONG: error('A name is too long for PostgreSQL.'),
  UNKNOWN_NODE: error('A node is not defined.'),
  UNKNOWN_PUBLICATION: error('A publication is not defined.'),
  PUBLICATION_NOT_ON_SOURCE: error('A publication belongs to another node.'),
  EMPTY_PUBLICATION: error('A publication publishes nothing.'),
  DUPLICATE_ENTRY: error('A list names something twice.'),
  EMPTY_FILTER: error('A row filter is empty.'),
  COLUMNS_WITH_SCHEMAS: error('A column list is combined with TABLES IN SCHEMA.'),
  IDENTITY_CONFLICT: error('A table has two replica identities.'),
  SLOT_NAME_INVALID: error('A slot name is not valid.'),
  SLOT_SHARED: error('Two subscriptions share a slot.'),
  SAME_NODE: error('A subscription reads from its own database.'),
  STILL_DECLARED: error('An object is both declared and removed.'),
  RENAME_INVALID: error('A rename is not possible.'),
  LOOP: error('Replication would loop.'),
  NAME_TAKEN: error('A name is used twice.'),
  PAIR_FILTERED: error('A pair has a row filter or a column list.'),
  PAIR_OVERLAP: error('A table is replicated in two ways.'),
  SUBSCRIBED_TWICE: warning('A node receives a publication twice.'),
  NO_EFFECT: warning('A setting has no effect.'),
  MISSING_VARIABLE: error('An environment variable is not set.'),
  VARIABLE_NOT_ALLOWED: error('An environment variable may not be used.'),
  INVALID_VARIABLE: error('A reference to the environment cannot be read.'),
  INVALID_CONNECTION: error('A connection cannot be read.'),
  OWN_CONNECTION_SHARED: warning('Subscribers would connect as the role that steep itself uses.'),
  LITERAL_PASSWORD: warning('The file contains a password.'),
} as const satisfies Readonly<Record<string, FindingKind>>;

export type TopologyCode = keyof typeof topologyFindings;

/** One finding of this code at this place. */
export const finding = (
  code: TopologyCode,
  detail: string,
  source: SourceSpan,
  suggestions: readonly string[] = [],
): Diagnostic => ({
  ...topologyFindings[code],
  code,
  detail,
  source,
  ...(suggestions.length > 0 && { suggestions }),
});
