// One difference between two definitions of a table, and what it does to replication from the first to the second.

import type { QualifiedName } from '../identifier.ts';
import type { MatchStatus } from './schema-comparison.ts';

/**
 * What becomes of changes that the local node publishes and the remote one applies: `stops` apply fails and tries again
 * indefinitely, at once or at the first such row; `silent` it continues, and the two hold different data or lose some;
 * `slow` it continues and costs; `harmless` nothing.
 */
export type Effect = 'stops' | 'silent' | 'slow' | 'harmless';

/** Worst first. */
export const effects: readonly Effect[] = ['stops', 'silent', 'slow', 'harmless'];

export type DifferencePart =
  | 'table'
  | 'column'
  | 'type of column'
  | 'NOT NULL'
  | 'default'
  | 'identity column'
  | 'generated column'
  | 'collation'
  | 'order of columns'
  | 'constraint'
  | 'index'
  | 'replica identity'
  | 'partitioning'
  | 'persistence'
  | 'type';

export interface SchemaDifference {
  readonly part: DifferencePart;
  /** Of the column, constraint, index or type; null: the table itself. */
  readonly name: string | null;
  /** As the node has it; null: not there. */
  readonly local: string | null;
  readonly remote: string | null;
  readonly effect: Effect;
  /** One sentence. */
  readonly why: string;
}

export interface TableDifference {
  readonly name: QualifiedName;
  readonly status: Exclude<MatchStatus, 'MATCH'>;
  /** Worst first. */
  readonly differences: readonly SchemaDifference[];
}

/** One table, as the publisher sends it and as the subscriber has it. */
export type SentDifference = Pick<TableDifference, 'name' | 'differences'>;
