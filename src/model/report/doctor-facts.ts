// What the doctor reads of a node in addition to what a plan reads. Facts only: planner/doctor/ judges them.

import type { NodeState } from '../state/state.ts';

export interface SettingFact {
  readonly name: string;
  /** As SHOW prints it. */
  readonly value: string;
  /** In the setting's own unit; null: not a number. */
  readonly number: number | null;
  /** pg_settings.context: `postmaster` needs a restart, all others a reload at most. */
  readonly context: string;
  readonly pendingRestart: boolean;
}

/** What the whole cluster uses now. */
export interface Usage {
  readonly slots: number;
  readonly origins: number;
  readonly senders: number;
  /** Logical replication workers of all kinds. */
  readonly workers: number;
  /** Table synchronizations of the subscription that has most of them. */
  readonly syncs: number;
  /** Background workers of all kinds, those of logical replication and their launcher included. */
  readonly background: number;
}

/** One line of pg_hba.conf, as the server reads it. */
export interface HbaRule {
  readonly line: number;
  /** local, host, hostssl, hostnossl, hostgssenc or hostnogssenc. */
  readonly type: string;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly address: string | null;
  readonly method: string;
  /** Why the server cannot use the line; null: it can. */
  readonly error: string | null;
}

/** Milliseconds that the node's clock is ahead of this machine's, give or take `uncertaintyMs`. */
export interface ClockFacts {
  readonly aheadMs: number;
  readonly uncertaintyMs: number;
}

export interface LocaleFacts {
  /** libc, icu or builtin. */
  readonly provider: string;
  readonly collate: string;
  readonly ctype: string;
  /** Of ICU and the builtin provider; null with libc. */
  readonly locale: string | null;
}

/** Any slot of the cluster, logical or physical, of any database. */
export interface SlotRisk {
  readonly name: string;
  readonly type: 'logical' | 'physical';
  readonly database: string | null;
  readonly active: boolean;
  readonly walStatus: string | null;
  /** Why the server invalidated it (17+); null: it did not, or does not say. */
  readonly invalidation: string | null;
  /** Bytes of WAL that the server keeps for it; null: none yet. */
  readonly retainedBytes: number | null;
  readonly failover: boolean;
}

/** The role of a node's replication_connection. */
export interface ReplicationRole {
  readonly name: string;
  /** Null: there is no such role. */
  readonly attributes: {
    readonly login: boolean;
    readonly replication: boolean;
    readonly superuser: boolean;
    /** CONNECT on the node's database. */
    readonly connect: boolean;
  } | null;
  /** Tables, by formatName, that it may not read: no SELECT, or no USAGE on the schema. */
  readonly unreadable: ReadonlySet<string>;
  /** Those of them whose schema it has no USAGE on. */
  readonly hidden: ReadonlySet<string>;
  /** Tables, by formatName, of which row security may hide rows from it: a copy would lack them. */
  readonly filtered: ReadonlySet<string>;
}

/** What came of opening a node's replication_connection from this machine. */
export type ReplicationProbe =
  | { readonly kind: 'not-tried'; readonly why: string }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly suggestions: readonly string[];
      /** The password is in the connection itself, so that a refusal means something. */
      readonly passwordKnown: boolean;
    }
  | {
      readonly kind: 'reached';
      readonly systemIdentifier: string;
      readonly database: string;
      /** The server asked for a password. */
      readonly passwordAsked: boolean;
    };

/** How other nodes reach a node. */
export interface ReplicationFacts {
  readonly endpoint: string;
  /** Null: the connection names no user, so that it depends on who connects. */
  readonly role: ReplicationRole | null;
  readonly hasPassword: boolean;
  /** The file has no replication_connection: steep's own connection is used. */
  readonly sameAsOwn: boolean;
  readonly probe: ReplicationProbe;
}

export interface NodeFacts {
  readonly state: NodeState;
  readonly settings: readonly SettingFact[];
  readonly usage: Usage;
  /** Null: the role may not read it. */
  readonly hba: readonly HbaRule[] | null;
  readonly clock: ClockFacts;
  readonly locale: LocaleFacts;
  readonly slots: readonly SlotRisk[];
  /** All roles of the cluster. */
  readonly existingRoles: readonly string[];
  readonly replication: ReplicationFacts;
}
