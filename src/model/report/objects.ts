// What a node has, kind by kind, as the lists of steep node and steep replication show it.

import type { NodeName } from '../state/address.ts';
import type { PublishOperation } from '../state/resource.ts';
import type { ReplicationOrigin } from '../state/surroundings.ts';

/** `managed`: by steep.yaml. */
interface Listed {
  readonly name: string;
  readonly managed: boolean;
}

export interface ListedPublication extends Listed {
  readonly allTables: boolean;
  /** As SQL names them. */
  readonly tables: readonly string[];
  readonly schemas: readonly string[];
  readonly publish: readonly PublishOperation[];
  readonly viaPartitionRoot: boolean;
}

export interface ListedSubscription extends Listed {
  readonly enabled: boolean;
  /** Null: none of the nodes that were read. */
  readonly source: NodeName | null;
  readonly publications: readonly string[];
  readonly slot: string | null;
  readonly tables: number;
  readonly tablesReady: number;
  readonly workers: readonly ListedWorker[];
  /** Counted since the statistics were reset (15 and later); null before. */
  readonly applyErrors: number | null;
  readonly syncErrors: number | null;
}

export interface ListedWorker {
  readonly pid: number;
  /** The table that it copies; null: it applies. */
  readonly table: string | null;
  readonly receivedLsn: string | null;
  readonly latestEndLsn: string | null;
  /** RFC 3339 UTC. */
  readonly latestEndTime: string | null;
}

export interface ListedSlot extends Listed {
  /** Null: a physical slot. */
  readonly plugin: string | null;
  readonly database: string | null;
  readonly active: boolean;
  readonly walStatus: string | null;
  readonly restartLsn: string | null;
  readonly confirmedFlushLsn: string | null;
  /** WAL that its reader has not confirmed, and WAL that the server keeps for it; null: unknown. */
  readonly lagBytes: number | null;
  readonly keptBytes: number | null;
}

export interface ListedNode {
  readonly id: NodeName;
  readonly name: string;
  readonly host: string | null;
  readonly port: number | null;
  readonly priority: number;
  readonly status: string;
  readonly lastSeen: string;
  readonly secondsSinceSeen: number;
  readonly isHealthy: boolean;
  readonly initState: string;
}

export interface ObjectLists {
  readonly publications: readonly ListedPublication[];
  readonly subscriptions: readonly ListedSubscription[];
  readonly slots: readonly ListedSlot[];
  readonly origins: readonly ReplicationOrigin[];
  readonly nodes: readonly ListedNode[];
}

export type ObjectKind = keyof ObjectLists;

/** Objects of one kind on one node. */
export type ObjectReport<K extends ObjectKind> = { readonly node: NodeName } & Pick<ObjectLists, K>;
