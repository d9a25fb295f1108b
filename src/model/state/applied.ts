// What steep last applied, as steep_repl of each node remembers it: the base of drift.

import type { QualifiedName } from '../identifier.ts';
import type { Address, NodeName } from './address.ts';
import type { ResourceSpecs } from './resource.ts';

/** The kinds that have rows of ownership. */
export const managedKinds = ['publication', 'slot', 'subscription'] as const;
export type ManagedKind = (typeof managedKinds)[number];

/** Which run applied it, and when (RFC 3339 UTC). */
export interface AppliedBy {
  readonly runId: string;
  readonly appliedAt: string;
}

export interface AppliedOf<K extends ManagedKind> extends AppliedBy {
  readonly kind: K;
  readonly node: NodeName;
  readonly name: string;
  readonly address: Address;
  /** Null: the row does not hold what a row of its kind holds, so that nothing can be compared with it. */
  readonly spec: ResourceSpecs[K] | null;
  readonly protect: boolean;
  /** Of a publication that has the old name of another, for those who still read it: that other. */
  readonly aliasFor?: string;
  /** Of a publication that is only there while this subscription is made, or re-created: its address. */
  readonly temporaryFor?: Address;
  /** Of a subscription that must be told where to start before it may run: that position. */
  readonly awaitsOrigin?: string;
  /** Of a subscription of a pair whose rows are not merged yet. */
  readonly awaitsMerge?: true;
  /** Of such a publication: which one it is a copy of, and the tables that it leaves out. */
  readonly without?: SetAside;
  /** Of a subscription: the publications of that kind that it has read, and does not read any more. */
  readonly broughtBack?: readonly string[];
  /** Of a subscription that reads such publications: the tables that it knew when it began to. */
  readonly knownTables?: readonly QualifiedName[];
}

/** Tables that a subscription does not get for a while, so that they are copied again. */
export interface SetAside {
  readonly publication: string;
  readonly tables: readonly QualifiedName[];
}

/** A row of steep_repl.objects. */
export type Applied = { readonly [K in ManagedKind]: AppliedOf<K> }[ManagedKind];

/** The audit log says that steep applied it last, and yet its row of ownership is not there. */
export interface LostOwnership extends AppliedBy {
  readonly address: Address;
}
