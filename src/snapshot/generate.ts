// Writes a snapshot: every table at one moment, in chunks, side by side; the manifest last. What a run that was stopped
// has stored is hashed and kept.

import type { KeyObject } from 'node:crypto';
import { readSequencePositions } from '../copy/check/advance-sequences.ts';
import { anyColumns } from '../copy/check/code-guard.ts';
import { type CopyTuning, defaultTuning, type FillRequest } from '../copy/copy-request.ts';
import { openForReading } from '../copy/copy-sessions.ts';
import type { Transfer } from '../copy/fill/copy-table.ts';
import { validForeignKeys } from '../copy/fill/origin.ts';
import { atHeldSnapshot } from '../copy/read/at-snapshot.ts';
import { chooseTransfers } from '../copy/read/choose-transfers.ts';
import { readTablesToCopy } from '../copy/read/read-published.ts';
import type { PublicationMark } from '../model/copy/manual-init.ts';
import type { TableMark } from '../model/copy/table-mark.ts';
import { formatName } from '../model/identifier.ts';
import { interruption } from '../model/plan/interruption.ts';
import {
  journalFile,
  manifestFile,
  type SequencePosition,
  type SnapshotChunk,
  type SnapshotDefinitions,
  type SnapshotManifest,
  schemaFile,
  sequencesFile,
} from '../model/snapshot/snapshot.ts';
import { type RetriedRead, readWithRetries } from '../postgres/retry/read-with-retries.ts';
import { watchLocks } from '../postgres/retry/watch-locks.ts';
import type { Session } from '../postgres/session.ts';
import { keepStored } from './keep-stored.ts';
import { buildManifest, type TableFingerprints } from './manifest/build-manifest.ts';
import { appendLine, type Journal, type JournalHeader } from './manifest/journal.ts';
import { renderManifest } from './manifest/manifest.ts';
import { renderSequences } from './manifest/sequence-file.ts';
import { writeSignature } from './manifest/signature.ts';
import type { Storage } from './storage/storage.ts';
import { chunkKey } from './stream/chunk-key.ts';
import { type WriteStage, writeRows } from './stream/write-rows.ts';

/** The tables as DDL, and what identifies each: read at the snapshot. */
export interface SchemaText {
  readonly sql: string;
  readonly definitions: SnapshotDefinitions;
  /** By formatName. */
  readonly fingerprints: ReadonlyMap<string, TableFingerprints>;
  /** Of the publications that were chosen. */
  readonly publicationMarks: readonly PublicationMark[];
  readonly tableMarks: readonly TableMark[];
}

export interface GenerateRequest
  extends Pick<
    FillRequest,
    'signal' | 'clock' | 'sleep' | 'locks' | 'guard' | 'onProgress' | 'onTable'
  > {
  readonly storage: Storage;
  readonly steepVersion: string;
  readonly jobs: number;
  /** Null: the snapshot is not signed. */
  readonly signingKey: KeyObject | null;
  /** What this snapshot is, as its journal begins. */
  readonly header: JournalHeader;
  /** Of the run before; null: this is the first one. */
  readonly journal: Journal | null;
  /** Sessions that keep the snapshot alive; the engine closes them. */
  readonly openSource: () => Promise<Session>;
  /** Every table is held in ACCESS SHARE mode until the last row is read. */
  readonly holdTables: boolean;
  readonly describe: (session: Session) => Promise<SchemaText>;
  /** Files that are hashed before they are kept. */
  readonly onKept: (kept: number, of: number) => void;
  readonly tuning?: Partial<CopyTuning>;
}

/**
 * Returns the manifest that was written.
 * @throws SteepError: why it stopped. What is stored stays; SNAPSHOT_LOST: it is of no use any more.
 */
export const generateSnapshot = async (request: GenerateRequest): Promise<SnapshotManifest> => {
  const { signal, openSource } = request;
  if (signal.aborted) throw interruption(signal, signal.reason);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(interruption(signal, signal.reason));
  signal.addEventListener('abort', interrupt);
  const locks = watchLocks(request.locks);
  const session = await openForReading(openSource, request.locks.timeoutMs);
  try {
    return await generate(request, session, { stop, locks });
  } finally {
    locks.stop();
    signal.removeEventListener('abort', interrupt);
    await session.close();
  }
};

async function generate(
  request: GenerateRequest,
  session: Session,
  stage: WriteStage,
): Promise<SnapshotManifest> {
  const { header, sleep, signal } = request;
  await request.guard(session, 'scan', anyColumns(header.choice.tables));
  const read = readWithRetries(session, { locks: stage.locks, sleep, signal });
  const schema = await read('reading the schema', () =>
    atHeldSnapshot(session, header.holder.snapshot, () => request.describe(session)),
  );
  const planned = request.journal?.transfers ?? (await planChunks(request, session, read));
  const kept = await keepStored(request, planned);
  const transfers = await writeRows(request, planned, kept, stage);
  const sequences = await read('reading sequences', () =>
    readSequencePositions(session, header.choice.tables),
  );
  const foreignKeys = await read('reading foreign keys', () =>
    validForeignKeys(session, wholeTables(transfers)),
  );
  return finish(request, { transfers, chunks: kept, schema, sequences, foreignKeys });
}

const wholeTables = (transfers: readonly Transfer[]) =>
  transfers.filter(({ table }) => table.filter === null).map(({ table }) => table.name);

/** On record before the first chunk: sizes grow, and a run that continues needs the same borders. */
async function planChunks(
  { header, storage, tuning }: GenerateRequest,
  session: Session,
  read: RetriedRead,
): Promise<readonly Transfer[]> {
  const { tables, publications } = header.choice;
  const { chunkBytes } = { ...defaultTuning, ...tuning };
  const { node, encoding } = header.source;
  const published = await read('reading the tables', () =>
    atHeldSnapshot(session, header.holder.snapshot, () =>
      readTablesToCopy(session, tables, publications.length === 0 ? null : publications),
    ),
  );
  const transfers = chooseTransfers({
    node,
    published,
    // The targets are not known yet: each is compared when the snapshot is loaded.
    targets: published.map((table) => ({ ...table, ...anyTarget })),
    sourceEncoding: encoding,
    targetEncoding: encoding,
    chunkBytes,
    dumped: noTables,
  });
  await appendLine(storage, { transfers });
  return transfers;
}

const noTables: ReadonlySet<string> = new Set();

const anyTarget = {
  oid: 0,
  kind: 'table',
  unlogged: false,
  names: [],
  types: [],
  checks: [],
} as const;

interface Content {
  readonly transfers: readonly Transfer[];
  readonly chunks: ReadonlyMap<string, SnapshotChunk>;
  readonly schema: SchemaText;
  readonly sequences: readonly SequencePosition[];
  readonly foreignKeys: ReadonlySet<string>;
}

/** The manifest makes it a snapshot: it comes after everything that it names. */
async function finish(request: GenerateRequest, content: Content): Promise<SnapshotManifest> {
  const { storage, steepVersion, header, signingKey } = request;
  const { schema, transfers, chunks } = content;
  const sequences = renderSequences(content.sequences);
  await storage.writeText(schemaFile, schema.sql);
  await storage.writeText(sequencesFile, sequences);
  const manifest = buildManifest({
    header,
    steepVersion,
    transfers,
    chunkOf: (table, number) => chunks.get(chunkKey({ table, number })),
    fingerprintsOf: (table) => schema.fingerprints.get(formatName(table)),
    publicationMarks: schema.publicationMarks,
    tableMarks: schema.tableMarks,
    foreignKeys: [...content.foreignKeys].toSorted(),
    definitions: schema.definitions,
    schema: schema.sql,
    sequences,
  });
  const text = renderManifest(manifest);
  await writeSignature(storage, text, signingKey);
  await storage.writeText(manifestFile, text);
  await storage.remove(journalFile);
  return manifest;
}
