// Loads a snapshot into a node by the copy engine, with rows from files: verified first, each chunk exactly once, on
// from what the copy checkpoints say is there.

import { createHash } from 'node:crypto';
import type { CopyResult, FillRequest } from '../copy/copy-request.ts';
import { end, limitLocks } from '../copy/copy-sessions.ts';
import { readCheckpoints } from '../copy/fill/chunk-checkpoints.ts';
import type { CopiedTable, TargetTable, Transfer } from '../copy/fill/copy-table.ts';
import {
  type EarlierAttempt,
  type FillPlan,
  type FillStage,
  fillTables,
} from '../copy/fill/fill-tables.ts';
import type { Origin } from '../copy/fill/origin.ts';
import { readDeferred } from '../copy/indexes/deferred-records.ts';
import { assertEmpty, guardFilling, mayFillUnchecked, readEncoding } from '../copy/prepare-copy.ts';
import { agree, assertFit, misfitOf } from '../copy/read/choose-transfers.ts';
import { aimed, readTargets } from '../copy/read/read-targets.ts';
import { emptyTables } from '../copy/recover-copy.ts';
import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { interruption } from '../model/plan/interruption.ts';
import {
  type SequencePosition,
  type SnapshotManifest,
  type SnapshotText,
  sequencesFile,
} from '../model/snapshot/snapshot.ts';
import { toFailure } from '../postgres/failures.ts';
import { watchLocks } from '../postgres/retry/watch-locks.ts';
import type { Session } from '../postgres/session.ts';
import { parseSequences } from './manifest/sequence-file.ts';
import { transfersOf } from './snapshot-transfers.ts';
import type { Storage } from './storage/storage.ts';
import { fileReader } from './stream/file-reader.ts';
import { type VerifyProgress, verifySnapshot } from './verify.ts';

export interface LoadRequest extends Omit<FillRequest, 'subscription'> {
  readonly storage: Storage;
  readonly manifest: SnapshotManifest;
  /** Under which steep_repl.copy_chunks of the target keeps what is there. */
  readonly checkpointsKey: string;
  /** Loaded before, and changed by others since: they are emptied, and loaded again; absent: none. */
  readonly changed?: readonly QualifiedName[];
  readonly onVerify: (progress: VerifyProgress) => void;
}

/**
 * Again, after whatever has stopped it: resumes. At the end every table is proven to hold exactly the loaded rows.
 * @throws SteepError: the reason why it stopped; what is in the copy checkpoints is on the target.
 */
export const loadFiles = async (request: LoadRequest): Promise<CopyResult> => {
  const { storage, manifest, signal, workers, node } = request;
  if (signal.aborted) throw interruption(signal, signal.reason);
  const onProgress = request.onVerify;
  await verifySnapshot(storage, manifest, { jobs: workers, signal, onProgress });
  const stop = new AbortController();
  const target = await request.openTarget();
  const locks = watchLocks(request.locks);
  const interrupt = (): void => {
    stop.abort(interruption(signal, signal.reason));
    end(target).catch(() => undefined);
  };
  signal.addEventListener('abort', interrupt);
  try {
    await limitLocks(target, request.locks.timeoutMs);
    return await fill(request, { target, stop, locks });
  } catch (error) {
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    throw toFailure(reason, { node, doing: 'loading the snapshot' });
  } finally {
    locks.stop();
    signal.removeEventListener('abort', interrupt);
    await target.close();
  }
};

async function fill(request: LoadRequest, stage: FillStage): Promise<CopyResult> {
  const { target } = stage;
  const { manifest, storage, checkpointsKey, changed = [] } = request;
  if (changed.length > 0) {
    const emptied = { ...request, subscription: checkpointsKey, tables: changed };
    await emptyTables({ ...emptied, onProgress: () => undefined });
  }
  const filling = await prepare(request, target);
  const sequences = await readSequenceFile(storage, manifest.sequences);
  const proven = new Set(manifest.foreignKeys);
  const origin: Origin = {
    open: () => Promise.reject(new Error('rows of a snapshot come from files')),
    reader: async () => fileReader(storage, manifest),
    provenForeignKeys: async () => proven,
    positions: async () => sequences,
    onRowsRead: async () => undefined,
  };
  return fillTables({ ...request, subscription: checkpointsKey }, origin, filling, stage);
}

/** Nothing is changed here. */
async function prepare(request: LoadRequest, target: Session): Promise<FillPlan> {
  const { node, manifest, tables, checkpointsKey } = request;
  const encoding = await readEncoding(target);
  if (encoding !== manifest.source.encoding) throw otherEncoding(request, encoding);
  const transfers = transfersOf(manifest, tables);
  const targets = await readTargets(target, tables);
  assertFit({ node, published: transfers.map(({ table }) => table), targets }, misfitOf);
  const binary = transfers.filter(({ format }) => format === 'binary');
  assertFit(
    {
      node,
      published: binary.map(({ table }) => table),
      targets: binary.map(({ index }) => targets[index] ?? null),
    },
    binaryMisfit,
  );
  const earlier: EarlierAttempt = {
    chunks: await readChunks(request, target, transfers),
    deferred: await readDeferred(target, checkpointsKey),
  };
  const untouched = tables.filter((_table, index) => earlier.chunks[index]?.size === 0);
  await guardFilling(request.guard, target, transfers);
  await assertEmpty(request, untouched, target);
  const replica = await mayFillUnchecked(node, targets, target);
  return { targets, transfers: aimed(transfers, targets), replica, earlier };
}

const binaryMisfit = (table: CopiedTable, target: TargetTable | null): string | null => {
  if (agree(table, target)) return null;
  const wires = new Map(target?.columns.map(({ name, wire }) => [name, wire]));
  const others = table.columns.filter(({ name, wire }) => wires.get(name) !== wire);
  return `has other types than the snapshot: ${others.map(({ name }) => name).join(', ')}`;
};

async function readChunks(
  { checkpointsKey, manifest }: LoadRequest,
  target: Session,
  transfers: readonly Transfer[],
): Promise<readonly ReadonlySet<number>[]> {
  const rows = await readCheckpoints(target, checkpointsKey);
  const known = new Map(manifest.tables.map((table) => [formatName(table), table]));
  const byTable = Map.groupBy(
    rows.filter(
      ({ table, chunk, sha256 }) => known.get(formatName(table))?.chunks[chunk]?.sha256 === sha256,
    ),
    ({ table }) => formatName(table),
  );
  return transfers.map(
    ({ table }) => new Set(byTable.get(formatName(table.name))?.map(({ chunk }) => chunk)),
  );
}

const largestSequences = 256 * 1024 * 1024;

async function readSequenceFile(
  storage: Storage,
  expected: SnapshotText,
): Promise<readonly SequencePosition[]> {
  const text = (await storage.readText(sequencesFile, largestSequences)) ?? '';
  // It was verified before the rows were loaded, and may have been replaced since.
  if (createHash('sha256').update(text).digest('hex') !== expected.sha256) {
    throw new SteepError('SNAPSHOT_DAMAGED', `${storage.location}/${sequencesFile} was changed.`, {
      exit: ExitCode.refused,
      suggestions: ['Copy the snapshot again from an intact copy, and run the same command.'],
    });
  }
  return parseSequences(text, storage.location);
}

const otherEncoding = ({ node, manifest }: LoadRequest, encoding: string): SteepError =>
  new SteepError(
    'SNAPSHOT_ENCODING',
    `Node ${node}: the database is encoded in ${encoding}, and the snapshot in ${manifest.source.encoding}.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `Create the target with: CREATE DATABASE … ENCODING '${manifest.source.encoding}' TEMPLATE template0`,
      ],
    },
  );
