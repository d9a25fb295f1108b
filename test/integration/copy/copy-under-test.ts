// An initial copy between two databases of a test, without the ceremony.

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { readSlotSighting } from '../../../src/catalog/slots/read-slot-identity.ts';
import { runsAnything } from '../../../src/copy/check/code-guard.ts';
import {
  type CopyRequest,
  type CopyResult,
  type CopyTableEvent,
  copyAllTables,
} from '../../../src/copy/copy-tables.ts';
import { type HeldSnapshot, holdSnapshot } from '../../../src/copy/read/hold-snapshot.ts';
import { recoverCopy } from '../../../src/copy/recover-copy.ts';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import type { CopyProgress } from '../../../src/model/copy/init-progress.ts';
import type { QualifiedName } from '../../../src/model/identifier.ts';
import {
  newSlotIdentity,
  type SlotIdentity,
  slotDoubt,
} from '../../../src/model/state/slot-identity.ts';
import type { LockWaitPolicy } from '../../../src/postgres/retry/watch-locks.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { installMetadata } from '../catalog/metadata.ts';

export interface CopyStage {
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  readonly slot: string;
}

/** Keeps what is to be done at the end: of the test, unless the caller passes another. */
export type Later = (end: () => Promise<void>) => void;

export const publication = 'everything';
export const subscription = 'sub';

/** Two databases with the same schema; the source publishes all of its tables. */
export async function stage(
  schema: string,
  [from, to]: readonly [number, number] = [newestMajor, newestMajor],
  later: Later = onTestFinished,
): Promise<CopyStage> {
  const source = await cluster.database(from);
  const target = await cluster.database(to);
  later(async () => {
    await target.drop();
    await source.drop();
  });
  await source.query(schema);
  await target.query(schema);
  await installMetadata(target);
  await source.query(`CREATE PUBLICATION ${publication} FOR ALL TABLES`);
  return { source, target, slot: `copy_${randomBytes(5).toString('hex')}` };
}

/** A session as apply would open it; `who` tells sessions of tests apart on the server. */
export const open = (
  conninfo: Conninfo,
  node: string,
  replication?: 'database',
): Promise<Session> =>
  openSession(conninfo, {
    node,
    applicationName: `steep ${node}`,
    ...(replication === undefined ? {} : { replication }),
  });

export async function hold({ source, slot }: CopyStage): Promise<HeldSnapshot> {
  const snapshot = await holdSnapshot(await open(source.conninfo, 'source', 'database'), {
    slot,
    plugin: 'pgoutput',
  });
  onTestFinished(() => snapshot.release());
  return snapshot;
}

export interface Heard {
  readonly progress: CopyProgress[];
  readonly tables: CopyTableEvent[];
}

export const names = (...tables: readonly string[]): readonly QualifiedName[] =>
  tables.map((name) => ({ schema: 'public', name }));

/** As the executor checks it, with what the first look finds on record. */
const checkOf = ({ slot, lsn }: HeldSnapshot): CopyRequest['checkSlot'] => {
  let noted: SlotIdentity | null = null;
  return async (session) => {
    const found = await readSlotSighting(session, slot);
    noted ??= newSlotIdentity(slot, lsn, found);
    return slotDoubt(slot, noted, found);
  };
};

/** Small chunks, so that small tables have many; every table has its indexes deferred. */
export const smallTuning = { chunkBytes: 256 * 1024, deferFromBytes: 1 };

/** Waits for locks as long as a test needs. */
export const endless: LockWaitPolicy = {
  timeoutMs: 0,
  retries: 0,
  blockersOf: async () => new Map(),
  onWaiting: () => undefined,
  onRetry: () => undefined,
};

export async function copy(
  { source, target }: CopyStage,
  snapshot: HeldSnapshot,
  tables: readonly QualifiedName[],
  changes: Partial<CopyRequest> = {},
): Promise<CopyResult & { readonly heard: Heard }> {
  const heard: Heard = { progress: [], tables: [] };
  const result = await copyAllTables({
    node: 'target',
    source: 'source',
    subscription,
    publications: [publication],
    runId: 'run-1',
    tables,
    snapshot,
    checkSlot: checkOf(snapshot),
    workers: 3,
    openSource: () => open(source.conninfo, 'source'),
    openTarget: () => open(target.conninfo, 'target'),
    locks: endless,
    guard: runsAnything,
    signal: new AbortController().signal,
    clock: () => performance.now(),
    sleep: (ms) => delay(ms),
    onProgress: (progress) => heard.progress.push(progress),
    onTable: (event) => heard.tables.push(event),
    tuning: smallTuning,
    ...changes,
  });
  return { ...result, heard };
}

export const settle = (
  { target }: CopyStage,
  tables: readonly QualifiedName[],
  locks: LockWaitPolicy = endless,
): Promise<void> =>
  recoverCopy({
    node: 'target',
    subscription,
    tables,
    kept: [],
    openTarget: () => open(target.conninfo, 'target'),
    signal: new AbortController().signal,
    locks,
    guard: runsAnything,
    onProgress: () => undefined,
  });

/** Replication from the slot, as apply starts it when the copy is done. */
export async function subscribe({ source, target, slot }: CopyStage): Promise<void> {
  await target.query(
    `CREATE SUBSCRIPTION ${subscription} CONNECTION '${source.conninfo.text.replaceAll("'", "''")}'
       PUBLICATION ${publication} WITH (copy_data = false, create_slot = false, slot_name = '${slot}')`,
  );
}
