// A plan: pure data, the same value whether printed, saved, reviewed or executed.
// Everything that moves by itself (LSNs, rows, lag, times) is under `observed`, outside the plan's id.

import type { CopyMethod } from '../copy/copy-method.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { SchemaSync } from '../schema/schema-change.ts';
import type { Address, AddressKind, NodeName } from '../state/address.ts';
import type { Unchecked } from '../state/unchecked.ts';
import type { Step } from '../step/step.ts';
import type { StepExecution } from '../step/step-execution.ts';
import type { CopyEstimate, PlanEstimate } from './copy-estimate.ts';
import type { Hazard } from './hazard.ts';
import type { SingleChange } from './single-change.ts';

/** major.minor of the plan file: a minor only adds, a higher major is refused. */
export const planFormatVersion = '1.0';

/**
 * `adopt`: only ownership is written; `forget`: only ownership is given up; `left`: managed, no longer in
 * the file, kept.
 */
export type ChangeAction =
  | 'create'
  | 'change'
  | 'replace'
  | 'drop'
  | 'copy'
  | 'adopt'
  | 'forget'
  | 'left';

/** What happens to one resource, for people: one entry of the plan's first part. */
export interface PlannedChange {
  readonly address: Address;
  readonly node: NodeName;
  readonly kind: AddressKind;
  readonly name: string;
  readonly action: ChangeAction;
  /** A few words: `1 table added`, `in place`. */
  readonly summary: string;
  readonly details: readonly ChangeDetail[];
  readonly hazards: readonly Hazard[];
}

/** One field: a value before and after, or the items added, removed and changed in a list. */
export interface ChangeDetail {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
}

export interface PlannedNode {
  readonly name: NodeName;
  /** Null: the node could not be read. */
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  readonly database: string | null;
  readonly version: string | null;
  /** `env:PRIMARY_URL`: how steep reaches it, never the value. */
  readonly connection: string;
  /** SHA-256 of the node's managed resources as they were read. */
  readonly topologyFingerprint: string | null;
}

export type PlannedStep = Step & { readonly execution: StepExecution };

export interface PlanSummary {
  readonly create: number;
  readonly change: number;
  readonly replace: number;
  readonly drop: number;
  readonly copyTables: number;
  readonly block: number;
  readonly danger: number;
  readonly warning: number;
  readonly notice: number;
}

/** Facts that were true when the plan was made. */
export interface PlanObservations {
  readonly readAt: string;
  /** Milliseconds from the first connection to the finished plan. */
  readonly elapsedMs: number;
  readonly checked: {
    readonly nodes: number;
    readonly subscriptions: number;
    readonly tables: number;
  };
  /** host:port/database of each node. */
  readonly endpoints: Readonly<Record<NodeName, string>>;
  /** The sentence of each hazard, by `CODE address`. */
  readonly hazards: Readonly<Record<string, string>>;
  /** What each table to copy costs, its time as a part of its subscription's. */
  readonly copies: Readonly<Record<Address, CopyEstimate>>;
  /** All copies together, and by subscription. */
  readonly estimate: PlanEstimate;
  /** Position and lag of each kept slot, by the address of its subscription. */
  readonly slots: Readonly<
    Record<Address, { readonly lsn: string | null; readonly lagBytes: number | null }>
  >;
  /** Why each node of `targeting.unread` could not be read. */
  readonly unread?: Readonly<Record<NodeName, string>>;
  /** What could not be compared, because the connected role may not read it. Absent: nothing. */
  readonly unchecked?: readonly Unchecked[];
}

export interface Plan {
  readonly formatVersion: string;
  readonly steepVersion: string;
  /** `sha256:…` over everything but planId, steepVersion and observed. */
  readonly planId: string;
  /** False: a node could not be read, or a block blocks. */
  readonly applyable: boolean;
  readonly options: PlanOptions;
  /** Apply runs the steps with these. */
  readonly limits: PlanLimits;
  readonly nodes: readonly PlannedNode[];
  readonly changes: readonly PlannedChange[];
  readonly steps: readonly PlannedStep[];
  /** Hazards of nodes and edges that no single step causes. */
  readonly standing: readonly Hazard[];
  readonly errors: readonly Diagnostic[];
  readonly summary: PlanSummary;
  /** CODE, or CODE=ADDRESS: accepted by policy.allow_hazards. */
  readonly allowHazards: readonly string[];
  /** policy.strict: warnings need consent too. */
  readonly strict?: true;
  /** Bytes: policy.max_lag, the bound of convergence. */
  readonly maxLag: number;
  /** Only where --target or --exclude chose a part: the topology may differ after it. */
  readonly targeting?: Targeting;
  /** Only with --reinit. */
  readonly reinit?: readonly Reinitialized[];
  readonly observed: PlanObservations;
}

/** Milliseconds; 0: without a limit. */
export interface PlanLimits {
  /** How long a statement waits for a lock, each time that it tries. */
  readonly lockTimeoutMs: number;
  /** How long the creation of a slot waits for open write transactions. */
  readonly slotTimeoutMs: number;
}

/** Unless --lock-timeout and --slot-timeout say otherwise. */
export const usualLimits: PlanLimits = { lockTimeoutMs: 2000, slotTimeoutMs: 60_000 };

export interface PlanOptions {
  /** Drop what is no longer in steep.yaml. */
  readonly prune: boolean;
  /** Only what these addresses name, and what it needs; `*` within the name. */
  readonly target?: readonly string[];
  /** All but the objects that these addresses name, and what needs them. */
  readonly exclude?: readonly string[];
  /** Drop everything that steep owns, its metadata last; what the file asks for does not count. */
  readonly destroy?: true;
  /** Empty tables of a subscriber that hold rows, before an initial copy fills them. */
  readonly force?: true;
  /** Tables that are copied, or were copied by an interrupted run, are not read to prove that they hold these rows. */
  readonly unchecked?: true;
  /** Nothing but this: the initial copies of these subscriptions are rolled back. */
  readonly cancel?: readonly Address[];
  /** How the rows of the targets come, in place of what the file says of their initial copy. */
  readonly copyMethod?: CopyMethod;
  /** Connections of a parallel copy on each side, in place of what the file says. */
  readonly copyWorkers?: number;
  /** Whether a parallel copy holds its tables until the last row is read; overrides steep.yaml. */
  readonly holdTables?: boolean;
  /** The snapshot on storage that fills the targets, in place of what the file says of their initial copy. */
  readonly fromSnapshot?: string;
  /** The SHA-256 that its manifest must have. */
  readonly fromSnapshotSha256?: string;
  /** Copies and subscriptions that are initialized again; `*` within the name. */
  readonly reinit?: readonly string[];
  /** In place of what the file says of its subscriptions. */
  readonly schemaSync?: SchemaSync;
  /** Nothing but this: what else the file asks for does not count. */
  readonly change?: SingleChange;
}

/** What a plan initializes again, as it was when that was asked for: what is no longer that has been. */
export interface Reinitialized {
  readonly address: Address;
  /** Of a copy, the position at which it ended; of a subscription, its oid. Null: unknown, or not ready yet. */
  readonly was: string | null;
}

/** What a plan of a part is a part of. */
export interface Targeting {
  /** Changes that were not named, each with what needs it. */
  readonly takenIn: readonly { readonly address: Address; readonly neededBy: Address }[];
  /** Changes that a whole plan would make too; `needs`: excluded itself, or because of that. */
  readonly leftOut: readonly { readonly address: Address; readonly needs: Address | null }[];
  /** Nodes that could not be read, and that nothing of the plan depends on. */
  readonly unread: readonly NodeName[];
}

/** Whether policy.allow_hazards accepts it, everywhere or for its address. A block is never accepted. */
export const isAccepted = (
  { allowHazards }: Pick<Plan, 'allowHazards'>,
  { code, address }: Pick<Hazard, 'code' | 'address'>,
): boolean => allowHazards.includes(code) || allowHazards.includes(`${code}=${address}`);

/** The key of a hazard's sentence in `observed.hazards`. */
export const hazardKey = (hazard: Pick<Hazard, 'code' | 'address'>): string =>
  `${hazard.code} ${hazard.address}`;
