// What the doctor found: one finding for each thing it looked at, and the limits of each node as a table.
// The same values are rendered for people and printed as JSON.

import type { NodeName } from '../state/address.ts';

/** The worst first. `unknown`: it could not be looked at, so its health is unknown. */
export const findingStatuses = ['error', 'warning', 'unknown', 'ok'] as const;
export type FindingStatus = (typeof findingStatuses)[number];

export interface DoctorFinding {
  readonly node: NodeName;
  /** What was checked: the name of a setting, or a stable word such as `right.slots`. */
  readonly check: string;
  readonly status: FindingStatus;
  /** One sentence with the live numbers. */
  readonly message: string;
  /** What to do: SQL or advice, each on a line of its own. */
  readonly cure: readonly string[];
}

/** How a change of a setting takes effect. */
export type SettingChange = 'restart' | 'reload';

/** One setting of a node, against what this topology needs of it. */
export interface LimitLine {
  readonly setting: string;
  /** As SHOW prints it. */
  readonly value: string;
  /** Null: nothing is counted against it. */
  readonly used: number | null;
  /** In all, with what the cluster uses for others; null: nothing is counted against it. */
  readonly needed: number | null;
  readonly allowed: number | null;
  readonly change: SettingChange;
  /** The file has another value already, which waits for a restart. */
  readonly pendingRestart: boolean;
}

export interface ReadableDoctorNode {
  readonly name: NodeName;
  readonly readable: true;
  /** host:port/database. */
  readonly endpoint: string;
  readonly version: string;
  /** The role that applies: its rights are judged. */
  readonly role: string;
  readonly limits: readonly LimitLine[];
  /** The worst first. */
  readonly findings: readonly DoctorFinding[];
}

export interface UnreadableDoctorNode {
  readonly name: NodeName;
  readonly readable: false;
  /** Why, with a code that `steep explain` knows. */
  readonly error: { readonly code: string; readonly message: string };
  readonly findings: readonly DoctorFinding[];
}

export type DoctorNode = ReadableDoctorNode | UnreadableDoctorNode;

export interface DoctorReport {
  /** When the first node was read, RFC 3339 UTC. */
  readonly readAt: string;
  readonly nodes: readonly DoctorNode[];
  readonly summary: Readonly<Record<FindingStatus, number>>;
}

/** What a role is to be able to run: plan and drift only read; queue adds operations, which worker runs. */
export const grantCommands = ['plan', 'apply', 'drift', 'worker', 'queue'] as const;
export type GrantCommand = (typeof grantCommands)[number];

/** Statements that give rights, with their reason. */
export interface Grant {
  /** Comment lines. */
  readonly why: readonly string[];
  /** To run, in order; none where only a person can decide. */
  readonly sql: readonly string[];
  /** Other ways, or rights that are not strictly needed: printed as comments. */
  readonly instead: readonly string[];
}

/** What an administrator runs on one node. */
export interface GrantScript {
  readonly name: NodeName;
  readonly readable: boolean;
  /** Null: the node could not be read. */
  readonly version: string | null;
  readonly database: string | null;
  readonly grants: readonly Grant[];
}

export interface GrantReport {
  readonly readAt: string;
  readonly nodes: readonly GrantScript[];
}
