// steep snapshot generate: the tables of a node at one moment, as files that can be shipped and applied anywhere.

import { randomBytes, randomUUID } from 'node:crypto';
import { readPublicationMarks } from '../catalog/read-publication-marks.ts';
import { readWithPartitions } from '../catalog/read-snapshot-source.ts';
import type { CopyTuning, TableEvent } from '../copy/copy-request.ts';
import type { CopyProgress } from '../model/copy-progress.ts';
import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { formatDuration } from '../model/quantity.ts';
import { manifestFile, type SnapshotManifest, type SnapshotReport } from '../model/snapshot.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { interruptibleSleep } from '../run/interruptible-sleep.ts';
import { readTableFingerprints } from '../schema/read-fingerprints.ts';
import { theseTables } from '../schema/scope.ts';
import { ensureCodec } from '../snapshot/codec.ts';
import { formatCompression, parseCompression } from '../snapshot/compression.ts';
import { generateSnapshot, type SchemaText } from '../snapshot/generate.ts';
import { endHolder } from '../snapshot/holder.ts';
import { readManifest } from '../snapshot/read-manifest.ts';
import { openStorage } from '../snapshot/storage/open-storage.ts';
import type { Storage } from '../snapshot/storage/storage.ts';
import { type ChosenNode, type NodeChoice, openChosen } from './chosen-nodes.ts';
import type { Host } from './host.ts';
import { patientWithLocks } from './patient-with-locks.ts';
import type { SchemaResult } from './schema.ts';
import { readExport, writeExport } from './schema-export.ts';
import {
  type BeginRequest,
  type Begun,
  beginSnapshot,
  snapshotApplication,
} from './snapshot-begin.ts';
import { makeRecorder } from './snapshot-recorder.ts';
import { readWanted, type WantedText } from './wanted-tables.ts';

export interface GenerateSnapshotRequest
  extends Omit<BeginRequest, 'wanted' | 'createdAt' | 'random'> {
  readonly file: string;
  readonly node: NodeChoice;
  readonly wanted: WantedText;
  /** A directory, or s3://bucket/prefix. */
  readonly location: string;
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CopyProgress) => void;
  readonly onTable: (event: TableEvent) => void;
  /** For people. */
  readonly say: (text: string) => void;
  readonly tuning?: Partial<CopyTuning>;
}

/** @throws SteepError: why it stopped; the same command again goes on, or says what cannot. */
export const generate = async (
  request: GenerateSnapshotRequest,
  host: Host,
): Promise<SchemaResult<SnapshotReport>> => {
  const { codec } = parseCompression(request.compression);
  await ensureCodec(codec);
  const options = { applicationName: 'steep snapshot', readOnly: false };
  const opened = await openChosen({ file: request.file, choices: [request.node] }, options, host);
  if (opened.outcome !== 'open') return opened;
  try {
    const [node] = opened.nodes;
    if (node === undefined) throw new Error('one node was asked for');
    const storage = await openStorage(request.location, { create: true });
    try {
      return { outcome: 'read', report: await generateInto(node, storage, request, host) };
    } finally {
      await storage.close();
    }
  } finally {
    await opened.close();
  }
};

const generateInto = async (
  node: ChosenNode,
  storage: Storage,
  request: GenerateSnapshotRequest,
  host: Host,
): Promise<SnapshotReport> => {
  const startedAt = host.clock();
  if (await isFinished(storage)) {
    const manifest = await readManifest(storage);
    return reportOf(storage, manifest, { unchanged: true, durationMs: host.clock() - startedAt });
  }
  const compression = formatCompression(parseCompression(request.compression));
  const wanted = readWanted(request.wanted);
  const begun = await beginSnapshot(node, storage, {
    ...request,
    compression,
    wanted,
    createdAt: host.now(),
    random: randomBytes(2).toString('hex'),
  });
  const manifest = await recorded(node, storage, { ...begun, request, host });
  await endHolder(node.session, begun.header.holder);
  return reportOf(storage, manifest, { unchanged: false, durationMs: host.clock() - startedAt });
};

const recorded = async (
  node: ChosenNode,
  storage: Storage,
  writing: Omit<Writing, 'onProgress'>,
): Promise<SnapshotManifest> => {
  const { request, host, header } = writing;
  const recorder = makeRecorder({
    metadata: node.metadata,
    header,
    location: storage.location,
    runId: randomUUID(),
    clock: host.clock,
    say: request.say,
  });
  await recorder.start();
  try {
    const onProgress = (progress: CopyProgress): void => {
      recorder.report(progress);
      request.onProgress(progress);
    };
    const manifest = await write(node, storage, { ...writing, onProgress });
    await recorder.finish({ outcome: 'complete', manifest });
    return manifest;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await recorder.finish({ outcome: 'failed', error: why });
    throw withHold(error, request);
  }
};

const isFinished = async (storage: Storage): Promise<boolean> => {
  for await (const { path } of storage.list('')) {
    if (path === manifestFile) return true;
  }
  return false;
};

interface Writing extends Begun {
  readonly request: GenerateSnapshotRequest;
  readonly host: Host;
  readonly onProgress: (progress: CopyProgress) => void;
}

const write = (
  { name, conninfo, session }: ChosenNode,
  storage: Storage,
  { header, journal, request, host, onProgress }: Writing,
): Promise<SnapshotManifest> => {
  const { jobs, signal, onTable, say } = request;
  const { tables, publications } = header.choice;
  const applicationName = snapshotApplication(header.snapshotId);
  return generateSnapshot({
    storage,
    steepVersion: host.steepVersion,
    jobs,
    header,
    journal,
    signal,
    clock: host.clock,
    sleep: interruptibleSleep(signal),
    locks: patientWithLocks(session, say),
    onProgress,
    onTable,
    onKept: (kept, of) => say(`Kept ${kept} of ${of} chunks that an earlier run has stored.`),
    openSource: () => openSession(conninfo, { node: name, applicationName }),
    describe: (session) => describe(session, tables, publications),
    ...(request.tuning === undefined ? {} : { tuning: request.tuning }),
  });
};

/** In a transaction at the snapshot. */
const describe = async (
  session: Session,
  tables: readonly QualifiedName[],
  publications: readonly string[],
): Promise<SchemaText> => {
  const wanted = { schemas: null, tables: await readWithPartitions(session, tables) };
  const { sql } = writeExport(session.node, await readExport(session, wanted), wanted);
  const found = await readTableFingerprints(session, theseTables(tables));
  return {
    sql,
    publicationMarks: await readPublicationMarks(session, publications),
    fingerprints: new Map(
      found.map(({ name, strict, replication }) => [formatName(name), { strict, replication }]),
    ),
  };
};

/** Whoever was stopped has time to go on. */
const withHold = (error: unknown, { holdMs }: GenerateSnapshotRequest): unknown => {
  if (!(error instanceof SteepError) || error.code === 'SNAPSHOT_LOST') return error;
  return new SteepError(error.code, error.message, {
    exit: error.exit,
    cause: error,
    suggestions: [
      ...error.suggestions,
      `The moment of the snapshot is held for ${formatDuration(holdMs)} more: until then the same command goes on from what is stored.`,
    ],
  });
};

const reportOf = (
  { location }: Storage,
  { tables, foreignKeys: _keys, publicationMarks: _marks, ...snapshot }: SnapshotManifest,
  rest: Pick<SnapshotReport, 'unchanged' | 'durationMs'>,
): SnapshotReport => ({
  ...rest,
  location,
  snapshot,
  tables: tables.length,
  rows: tables.reduce((sum, { rows }) => sum + rows, 0),
  bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
  storedBytes: tables.reduce(
    (sum, { chunks }) => chunks.reduce((inner, { storedBytes }) => inner + storedBytes, sum),
    0,
  ),
});
