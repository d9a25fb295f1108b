// An initial copy that a user makes manually: what `steep init prepare` noted when it made the slot.

import type { QualifiedName } from '../identifier.ts';
import type { NodeName } from '../state/address.ts';
import type { PublishedTable, PublishOperation } from '../state/resource.ts';

/** How rows are compared later: by hashes of all of them, by their number, not at all. */
export const evidenceKinds = ['hashes', 'counts', 'none'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** What a publication is, as the server has it: whether it is still the same, and sends the same. */
export interface PublicationMark {
  readonly name: string;
  readonly oid: number;
  readonly publish: readonly PublishOperation[];
  readonly viaRoot: boolean;
  /** The rows of its tables and schemas in the catalog: one that was taken out and put back is another. */
  readonly members: readonly number[];
  /** The transaction that wrote its row last: what was set to something else and back is another. Absent: not on record. */
  readonly xmin?: string;
}

/** Whether a publication was the same all the time, apart from what belongs to it. */
export const isUnaltered = (then: PublicationMark, now: PublicationMark): boolean =>
  then.viaRoot === now.viaRoot &&
  then.publish.join() === now.publish.join() &&
  (then.xmin ?? now.xmin) === (now.xmin ?? then.xmin);

export interface PublishedNow {
  readonly publications: readonly PublicationMark[];
  /** Sorted by name. */
  readonly tables: readonly PublishedTable[];
}

/** The rows that are published of one table. */
export interface TableEvidence {
  readonly table: QualifiedName;
  /** Those that were hashed, by name. */
  readonly columns: readonly string[];
  readonly where: string | null;
  readonly rows: number;
  /** Null: they were only counted. */
  readonly hash: string | null;
}

export interface Evidence {
  readonly kind: Exclude<EvidenceKind, 'none'>;
  /** Of hashes: how they were made. Only hashes of the same version say something together; older evidence has none. */
  readonly hashVersion?: string;
  readonly tables: readonly TableEvidence[];
}

/** A row of steep_repl.init_slots. Times are RFC 3339 UTC. */
export interface PreparedSlot {
  readonly slot: string;
  /** The node that will be filled. */
  readonly node: NodeName;
  readonly subscription: string;
  readonly lsn: string;
  readonly runId: string;
  readonly published: PublishedNow;
  readonly evidence: Evidence | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly expired: boolean;
}

/** A copy that a user made manually, as `steep init complete` found it. */
export interface RestoredCopy {
  /** What shows that no row is missing: rows compared, rows counted, a position in WAL; none: nothing. */
  readonly proof: 'hashes' | 'counts' | 'position' | 'none';
  /** Where replication must start, past the slot; null: at the slot. */
  readonly startsAt: string | null;
  /** Nodes whose metadata is part of a physical copy. */
  readonly formerNodes: readonly NodeName[];
}
