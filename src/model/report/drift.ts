// Drift: what differs between the servers and what steep last applied. Edits of steep.yaml that were not
// applied yet are pending, not drift; what is not managed is never drift.

import type { Diagnostic } from '../diagnostic.ts';
import type { ChangeDetail } from '../plan/plan.ts';
import type { Address, NodeName } from '../state/address.ts';
import type { AppliedBy } from '../state/applied.ts';
import type { Unchecked } from '../state/unchecked.ts';

export const driftClasses = ['topology', 'schema', 'runtime', 'data'] as const;

/** topology: definitions; schema: the tables under them; runtime: whether data flows; data: the rows. */
export type DriftClass = (typeof driftClasses)[number];

/** major.minor of the JSON document: a minor only adds. */
export const driftFormatVersion = '1.1';

export interface DriftFinding {
  readonly class: DriftClass;
  /** Stable, upper case, known to `steep explain`. */
  readonly code: string;
  readonly address: Address;
  readonly node: NodeName;
  /** One sentence. */
  readonly summary: string;
  /** `before`: as applied, or as it should be; `after`: as it is. */
  readonly details: readonly ChangeDetail[];
  /** The last time that all was as it should be; null: not known. */
  readonly applied: AppliedBy | null;
  /** What to do, one sentence or command each. */
  readonly cure: readonly string[];
}

/** A rule of `drift.ignore`. */
export interface IgnoreRule {
  /** `node/kind.name`; `*` in the name matches any text. */
  readonly address: string;
  readonly reason: string;
  /** The last day (UTC, YYYY-MM-DD) on which the rule silences; null: indefinitely. */
  readonly until: string | null;
  /** Its place in the file: `steep.yaml:41`. */
  readonly source: string;
}

export interface IgnoredFinding {
  readonly finding: DriftFinding;
  readonly rule: IgnoreRule;
}

/**
 * new: not applied yet; changed: applied otherwise; left: no longer in the file; removed: `removed` says what
 * becomes of it; renamed: it has another name in the file.
 */
export type EditKind = 'new' | 'changed' | 'left' | 'removed' | 'renamed';

export interface PendingEdit {
  readonly address: Address;
  readonly edit: EditKind;
}

export interface ComparedClass {
  readonly class: DriftClass;
  /** Every object that was checked. */
  readonly addresses: readonly Address[];
}

export interface DriftNode {
  readonly name: NodeName;
  /** Why it could not be read; null: it was. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** incomplete: a node could not be read, so that there may be more. */
export type DriftOutcome = 'none' | 'drift' | 'incomplete';

export interface DriftReport {
  readonly formatVersion: string;
  readonly outcome: DriftOutcome;
  /** When the first node was read, RFC 3339 UTC. */
  readonly readAt: string;
  readonly elapsedMs: number;
  readonly nodes: readonly DriftNode[];
  /** The requested classes. */
  readonly classes: readonly ComparedClass[];
  /** In the order of the classes, then of the addresses. */
  readonly findings: readonly DriftFinding[];
  readonly ignored: readonly IgnoredFinding[];
  readonly pending: readonly PendingEdit[];
  /** Differ from what was applied, and steep.yaml asks for them as they are now. */
  readonly adopted: readonly Address[];
  readonly unchecked: readonly Unchecked[];
  /** Rules that silence no longer, and runs that were changing a node meanwhile. */
  readonly warnings: readonly Diagnostic[];
}
