// What one look at both ends of an edge brought: the words of the catalogs, before anything is judged.

import type { Blocker } from '../event.ts';
import type { QualifiedName } from '../identifier.ts';
import type { Published } from './published.ts';

/** Whether a subscription is alive right now: enabled, with workers, and without new errors. */
export interface SubscriptionHealth {
  readonly enabled: boolean;
  /** Null: detached. */
  readonly slot: string | null;
  readonly publications: readonly string[];
  /** disable_on_error (15 and later). */
  readonly disablesOnError: boolean;
  /** The end of a transaction that is to be skipped (15 and later); null: none is. */
  readonly skipLsn: string | null;
  readonly workerRunning: boolean;
  readonly workers: readonly SubscriptionWorker[];
  /** Counters of pg_stat_subscription_stats (15 and later); null before. */
  readonly applyErrors: number | null;
  readonly syncErrors: number | null;
  /** Updates that found no row, and were skipped (18 and later); null before. */
  readonly skippedChanges: number | null;
  /** Conflicts of all kinds (18 and later); null before. */
  readonly conflicts: number | null;
}

/** A process of a subscription. Waits and ages are null to roles that may not see sessions of others. */
export interface SubscriptionWorker {
  readonly pid: number;
  /** apply: the leader; parallel: applies a large transaction for it; sync: copies a table. */
  readonly kind: 'apply' | 'parallel' | 'sync';
  readonly waitType: string | null;
  readonly wait: string | null;
  readonly ageSeconds: number | null;
}

/** The initial copy of one table; PostgreSQL never knows the total. */
export interface TableSyncProgress {
  /** formatName of the table. */
  readonly table: string;
  readonly name: QualifiedName;
  /** pg_subscription_rel.srsubstate: i, d, f, s or r. */
  readonly syncState: string;
  /** Of the COPY that runs now; 0 when none does. */
  readonly bytesDone: number;
  readonly rowsDone: number;
}

export interface SlotLag {
  readonly active: boolean;
  /** reserved, extended, unreserved or lost. */
  readonly walStatus: string | null;
  /** Bytes of WAL that can still be written before the slot is lost; null: no cap. */
  readonly safeWalSize: number | null;
  readonly confirmedFlushLsn: string | null;
  /** Where decoding would start after a crash of the server, at the earliest. */
  readonly restartLsn: string | null;
  /** The end of WAL. */
  readonly currentLsn: string;
  /** Bytes between the two. */
  readonly lagBytes: number | null;
  /** Bytes of WAL that the server keeps because of the slot. */
  readonly retainedBytes: number | null;
  /** What the process that reads the slot waits for; null: for nothing, or it is not seen. */
  readonly senderWait: string | null;
}

export interface SubscriberEnd extends SubscriptionHealth {
  readonly tables: readonly TableSyncProgress[];
  /** Sessions that the workers wait for. */
  readonly blockers: readonly Blocker[];
  /** Tables, by formatName, that are published to it and that this database does not have. */
  readonly missingTables: readonly string[];
}

export interface PublisherEnd {
  /** Null: there is no such slot, or the subscription has none. */
  readonly slot: SlotLag | null;
  /** Null: it is not known what the subscription reads. */
  readonly published: Published | null;
}

export interface EdgeReading {
  /** gone: the database has no such subscription; null: it could not be read. */
  readonly subscriber: SubscriberEnd | 'gone' | null;
  /** Null: it could not be read. */
  readonly publisher: PublisherEnd | null;
}

export const isReady = ({ syncState }: TableSyncProgress): boolean => syncState === 'r';
