// What is known of one edge, from both of its ends and from steep.yaml, as the verdict on it needs it. Pure.

import type { InitReading } from '../copy/init-reading.ts';
import type { InitState } from '../copy/init-state.ts';
import type { Blocker } from '../event.ts';
import type { NodeName } from '../state/address.ts';
import type { SaidGap } from './edge-gap-text.ts';
import {
  type EdgeReading,
  isReady,
  type PublisherEnd,
  type SubscriberEnd,
} from './edge-reading.ts';
import { comparePublished, type Published, type PublishedFacts } from './published.ts';

/** Name of node and subscription: of an edge that the file asks for, or that is there. */
export interface EdgeName {
  readonly node: NodeName;
  readonly subscription: string;
}

/** A table whose initial copy is not over. */
export interface WaitingTable {
  readonly table: string;
  /** pg_subscription_rel.srsubstate. */
  readonly state: string;
}

/** What is known of one edge; null: it could not be read. */
export interface EdgeFacts extends EdgeName, EdgeLooks, PublishedFacts {
  readonly source: NodeName;
  /** False: steep.yaml asks for it and it is not there; null: the subscriber could not be read. */
  readonly exists: boolean | null;
  /** Null: the subscriber could not be read. */
  readonly enabled: boolean | null;
  /** Null: the subscriber could not be read. */
  readonly workerRunning: boolean | null;
  /** Null: detached from its slot. */
  readonly slot: string | null;
  /** Whether the publisher has the slot; null: the publisher could not be read. */
  readonly slotExists: boolean | null;
  /** Whether a session reads the slot; null: the publisher could not be read, or has no such slot. */
  readonly slotActive: boolean | null;
  readonly walStatus: string | null;
  readonly confirmedFlushLsn: string | null;
  readonly currentLsn: string | null;
  readonly lagBytes: number | null;
  readonly retainedBytes: number | null;
  /** What the process on the publisher waits for that sends the changes; null: for nothing, or it is not seen. */
  readonly senderWait: string | null;
  readonly tablesReady: number;
  readonly tablesTotal: number;
  readonly tablesWaiting: readonly WaitingTable[];
  /** Workers that copy tables; null: the subscriber could not be read. */
  readonly syncWorkers: number | null;
  /** Seconds since the apply worker was started; null: none runs, or it is not seen. */
  readonly workerAgeSeconds: number | null;
  /** The apply worker waits for changes; null: none runs, or it is not seen. */
  readonly workerIdle: boolean | null;
  /** Sessions whose locks the workers wait for. */
  readonly blockers: readonly Blocker[];
  /** Counters since the statistics were reset (15+); null before. */
  readonly applyErrors: number | null;
  readonly syncErrors: number | null;
  /** Updates that found no row since the statistics were reset (18+); null before. */
  readonly skippedChanges: number | null;
  /** Conflicts of all kinds since the statistics were reset (18+); null before. */
  readonly conflicts: number | null;
  /** The end of a transaction that is to be skipped (15+); no entry: none is. */
  readonly skipLsn?: string;
  /** disable_on_error is on, so that a disabled subscription may have been disabled by a failure. */
  readonly disablesOnError: boolean;
  /** Its slot was made by steep init prepare, for rows that are restored by hand. */
  readonly prepared: boolean;
  /** steep.yaml wants it disabled; null: it is not in the file. */
  readonly wantedDisabled: boolean | null;
  readonly initState: InitState | null;
  /** What it reads, and what did not exist yet at the position of its slot; empty: as far as it was tried. */
  readonly tooNewPublications: readonly string[];
  /** Rows that differ between the ends, and that nothing will bring in line; no entry: none is known. */
  readonly gaps?: readonly SaidGap[];
  /** Tables whose rows the last steep verify found to differ, by name; no entry: none is known. */
  readonly differentTables?: readonly string[];
  /** Tables that are published and that the database of the subscriber does not have. */
  readonly missingTables: readonly string[];
  /** The initial copy, as steep_repl has it: its progress too. */
  readonly init: InitReading | null;
}

/** What several looks tell; null: it was read only once. */
interface EdgeLooks {
  /** An error counter moved between the looks, so that something fails now. */
  readonly errorsMoving: boolean | null;
  /** The slot confirmed nothing in between, although WAL was waiting all the time. */
  readonly stalled: boolean | null;
  /** The apply worker ran, and no session read the slot. */
  readonly readsElsewhere: boolean | null;
  /** Tables waited to be copied, and no worker copied one. */
  readonly copyIdle: boolean | null;
}

/** What is known of an edge beside its ends. */
export interface EdgeSurroundings {
  readonly source: NodeName;
  /** What steep.yaml asks for; null: it is not in the file. */
  readonly wanted: { readonly slot: string | null; readonly enabled: boolean } | null;
  readonly init: InitReading | null;
  readonly prepared: boolean;
  readonly tooNewPublications: readonly string[];
  readonly gaps?: readonly SaidGap[];
  readonly differentTables?: readonly string[];
}

/** The wait event of an apply worker without work. */
const idle = 'LogicalApplyMain';

const workerFacts = (end: SubscriberEnd | null) => {
  const leader = end?.workers.find(({ kind }) => kind === 'apply');
  return {
    workerRunning: end?.workerRunning ?? null,
    workerAgeSeconds: leader?.ageSeconds ?? null,
    workerIdle: leader?.waitType == null ? null : leader.wait === idle,
    syncWorkers: end?.workers.filter(({ kind }) => kind === 'sync').length ?? null,
    blockers: end?.blockers ?? [],
  };
};

const skipFacts = (end: SubscriberEnd | null): Pick<EdgeFacts, 'skipLsn'> =>
  end === null || end.skipLsn === null ? {} : { skipLsn: end.skipLsn };

const errorFacts = (end: SubscriberEnd | null) => {
  return {
    applyErrors: end?.applyErrors ?? null,
    syncErrors: end?.syncErrors ?? null,
    disablesOnError: end?.disablesOnError ?? false,
    skippedChanges: end?.skippedChanges ?? null,
    conflicts: end?.conflicts ?? null,
  };
};

const tableFacts = (end: SubscriberEnd | null) => {
  const tables = end?.tables ?? [];
  const waiting = tables.filter((table) => !isReady(table));
  return {
    tablesReady: tables.length - waiting.length,
    tablesTotal: tables.length,
    tablesWaiting: waiting.map(({ table, syncState }) => ({ table, state: syncState })),
    missingTables: end?.missingTables ?? [],
  };
};

const noSlot = {
  slotActive: null,
  walStatus: null,
  confirmedFlushLsn: null,
  currentLsn: null,
  lagBytes: null,
  retainedBytes: null,
  senderWait: null,
};

const slotFacts = (publisher: PublisherEnd | null) => {
  const slot = publisher?.slot ?? null;
  const slotExists = publisher === null ? null : slot !== null;
  if (slot === null) return { slotExists, ...noSlot };
  const { walStatus, confirmedFlushLsn, currentLsn, lagBytes, retainedBytes, senderWait } = slot;
  return {
    slotExists,
    slotActive: slot.active,
    walStatus,
    confirmedFlushLsn,
    currentLsn,
    lagBytes,
    retainedBytes,
    senderWait,
  };
};

const publishedFacts = (end: SubscriberEnd | null, published: Published | null) =>
  comparePublished(published, end?.tables.map(({ table }) => table) ?? []);

/** Whether it is there, and whether it is enabled; null: it could not be read. */
const existence = (subscriber: EdgeReading['subscriber']) => {
  if (subscriber === null) return { exists: null, enabled: null };
  if (subscriber === 'gone') return { exists: false, enabled: false };
  return { exists: true, enabled: subscriber.enabled };
};

/** What has left the subscription since is not of the edge any more. */
const stillDifferent = (
  end: SubscriberEnd | null,
  tables: readonly string[] = [],
): Pick<EdgeFacts, 'differentTables'> => {
  const own = new Set(end?.tables.map(({ table }) => table));
  const differentTables = tables.filter((table) => own.has(table));
  return differentTables.length === 0 ? {} : { differentTables };
};

/** Both ends of an edge, as one look found them. */
export const edgeFacts = (
  { node, subscription }: EdgeName,
  { subscriber, publisher }: EdgeReading,
  {
    source,
    wanted,
    init,
    prepared,
    tooNewPublications,
    gaps = [],
    differentTables,
  }: EdgeSurroundings,
): EdgeFacts => {
  const end = subscriber === 'gone' ? null : subscriber;
  return {
    node,
    subscription,
    source,
    ...existence(subscriber),
    slot: end === null ? (wanted?.slot ?? null) : end.slot,
    ...slotFacts(publisher),
    ...tableFacts(end),
    ...workerFacts(end),
    ...errorFacts(end),
    ...skipFacts(end),
    ...publishedFacts(end, publisher?.published ?? null),
    tooNewPublications,
    ...(gaps.length > 0 && { gaps }),
    ...stillDifferent(end, differentTables),
    wantedDisabled: wanted === null ? null : !wanted.enabled,
    initState: init?.state ?? null,
    init,
    prepared,
    errorsMoving: null,
    stalled: null,
    readsElsewhere: null,
    copyIdle: null,
  };
};
