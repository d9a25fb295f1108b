// What a server is and can do: read once per node, compared only by the planner.

import type { ReplicationSettings } from './replication-settings.ts';
import type { StatementLogging } from './statement-logging.ts';

/** Abilities that depend on the server's version, computed in one place from its version number. */
export interface Features {
  /** Row filters, column lists and TABLES IN SCHEMA (15). */
  readonly filtersAndSchemas: boolean;
  /** ALTER SUBSCRIPTION ... SKIP (15 and later). */
  readonly skipsTransactions: boolean;
  /** Subscription options that this server knows, in the order PostgreSQL documents them. */
  readonly subscriptionOptions: readonly SubscriptionOptionFact[];
  /** publish_generated_columns (18). */
  readonly publishGeneratedColumns: boolean;
  /** Generated columns that are computed when read (18). */
  readonly virtualColumns: boolean;
  /** origin = none, so that two-way replication does not echo (16). */
  readonly originFilter: boolean;
  /** Of publications that are asked for together, a partition is not listed beside a root that sends its rows (16). */
  readonly partitionsOnce: boolean;
  /** Failover slots (17). */
  readonly failoverSlots: boolean;
  /** pg_createsubscriber comes with the server (17). */
  readonly createSubscriberTool: boolean;
  /** Publications that do not exist where the WAL is read are skipped with a warning; before, that is an error (18). */
  readonly skipsMissingPublications: boolean;
  /** The role pg_create_subscription (16). */
  readonly createSubscriptionRole: boolean;
  /** GRANT SET ON PARAMETER (15). */
  readonly parameterPrivileges: boolean;
  /** The role pg_checkpoint (15). */
  readonly checkpointRole: boolean;
  /** The privilege MAINTAIN on tables (17). */
  readonly maintainPrivilege: boolean;
  /** pg_log_standby_snapshot() (16). */
  readonly logsSnapshots: boolean;
  /** Minor releases before the fix lose changes of transactions in flight on ADD TABLE. */
  readonly addTableNeedsLock: boolean;
  /** Replication bugs fixed in a later minor of this major: release that fixed it, and what it was. */
  readonly knownBugs: readonly { readonly fixedIn: string; readonly bug: string }[];
}

export interface SubscriptionOptionFact {
  readonly name: string;
  /** The value that CREATE SUBSCRIPTION takes when the option is left out, as the catalog shows it. */
  readonly default: string;
  /** How ALTER SUBSCRIPTION … SET changes it; `never`: the subscription must be replaced. */
  readonly alter: 'online' | 'disabled' | 'never';
}

/** A limit with what is used of it now; `setting` is the GUC that a DBA would raise. */
export interface Limit {
  readonly setting: string;
  readonly limit: number;
  readonly used: number;
}

/** One cluster: a copy of it that was promoted has the same identifier and a timeline of its own. */
export const sameCluster = (a: ClusterIdentity, b: ClusterIdentity): boolean =>
  a.systemIdentifier === b.systemIdentifier && a.timeline === b.timeline;

type ClusterIdentity = Pick<ServerFacts, 'systemIdentifier' | 'timeline'>;

export interface ServerFacts {
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  /** server_version_num, for showing and for features; nothing else compares it. */
  readonly versionNumber: number;
  /** As people say it: `16.9`. */
  readonly version: string;
  readonly features: Features;
  readonly inRecovery: boolean;
  readonly walLevel: string;
  readonly encoding: string;
  /** The connection goes through a transaction pooler. */
  readonly pooled: boolean;
  /** Whose rights are judged: the apply_role of the node, or else the connected one. */
  readonly role: RoleFacts;
  /** The connected role: what it may see. */
  readonly reader: ReaderFacts;
  readonly limits: readonly Limit[];
  /** What would keep the text of a statement, a password in it too. */
  readonly statementLogging: readonly StatementLogging[];
  /** What would change values, or stop changes, in the workers of subscriptions of this database. */
  readonly workerSettings: readonly WorkerSetting[];
  readonly replicationSettings: ReplicationSettings;
  /** Bytes; null: no cap. */
  readonly maxSlotWalKeepSize: number | null;
  /** Physical standbys attached or expected (walsenders and physical slots). */
  readonly physicalStandbys: number;
  /** Version of the steep_repl schema; 0: not installed. */
  readonly metadataVersion: number;
  /** The steep_repl schema is in another database of this cluster; null: in this one. */
  readonly metadataDatabase: string | null;
  /** Publications that would publish steep_repl too: FOR ALL TABLES, or its schema. */
  readonly publishesMetadata: readonly string[];
  /** Oldest transactions that hold a transaction id, anywhere in the cluster. */
  readonly writers: readonly OpenTransaction[];
  /** LSN of the end of WAL when it was read; null in recovery. */
  readonly walPosition: string | null;
}

/** A setting that a worker of a subscription takes from its role, its database or the configuration of the server. */
export interface WorkerSetting {
  readonly setting:
    | 'array_nulls'
    | 'client_encoding'
    | 'xmloption'
    | 'default_transaction_read_only'
    | 'lock_timeout'
    | 'transaction_timeout';
  readonly value: string;
  /** The owner of a subscription: steep's own role, or that of one that is there. */
  readonly role: string;
  /** Where it is set, in words. */
  readonly origin: string;
}

export interface RoleFacts {
  readonly name: string;
  /** steep.yaml may name a role that is not there yet: it has the rights of PUBLIC alone. */
  readonly exists: boolean;
  readonly superuser: boolean;
  readonly replication: boolean;
  /** CREATE on the connected database. */
  readonly createOnDatabase: boolean;
  /** Member of pg_create_subscription (16+), or superuser. */
  readonly createSubscription: boolean;
  /** EXECUTE on pg_replication_origin_advance. */
  readonly advanceOrigins: boolean;
  /** EXECUTE on pg_replication_origin_progress. */
  readonly readOrigins: boolean;
  /** EXECUTE on the functions by which a session tags what it writes with an origin. */
  readonly tagOrigins: boolean;
  /** Setting session_replication_role. */
  readonly sessionReplicationRole: boolean;
  /** pg_subscription.subconninfo. */
  readonly connectionStrings: boolean;
  /** pg_read_all_stats: sessions and queries of other roles. */
  readonly statistics: boolean;
}

/** What the connected role may look at: where it may not, a plan says so. */
export interface ReaderFacts {
  readonly name: string;
  readonly superuser: boolean;
  /** Reading a slot without moving it. */
  readonly replication: boolean;
  /** pg_read_all_stats: sessions and queries of other roles. */
  readonly statistics: boolean;
  /** What the configuration files of the server say. */
  readonly fileSettings: boolean;
}

export interface OpenTransaction {
  readonly pid: number;
  readonly application: string;
  readonly database: string;
  readonly state: string;
  /** Null: the role does not see it. */
  readonly ageSeconds: number | null;
}
