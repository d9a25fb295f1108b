// steep snapshot generate: the tables of a node at one moment, as files that can be shipped and applied anywhere.

import { type KeyObject, randomBytes } from 'node:crypto';
import type { CodeGuard } from '../../copy/check/code-guard.ts';
import type { CopyTuning } from '../../copy/copy-request.ts';
import { whileSeen } from '../../metadata/keep-seen.ts';
import type { CopyProgress } from '../../model/copy/init-progress.ts';
import { SteepError } from '../../model/errors.ts';
import type { SnapshotEnding } from '../../model/event.ts';
import { formatDuration } from '../../model/quantity.ts';
import type { ReadReport, ReadResult } from '../../model/report/read-result.ts';
import {
  manifestFile,
  type SnapshotManifest,
  type SnapshotReport,
  snapshotApplication,
} from '../../model/snapshot/snapshot.ts';
import { openSession } from '../../postgres/session.ts';
import { generateSnapshot } from '../../snapshot/generate.ts';
import { endExporter } from '../../snapshot/hold/snapshot-exporter.ts';
import { renderManifest } from '../../snapshot/manifest/manifest.ts';
import { anything, readTrustedManifest } from '../../snapshot/manifest/read-manifest.ts';
import { writeSignature } from '../../snapshot/manifest/signature.ts';
import { openStorage } from '../../snapshot/storage/open-storage.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import { ensureCodec } from '../../snapshot/stream/codec.ts';
import { formatCompression, parseCompression } from '../../snapshot/stream/compression.ts';
import { type ChosenNode, type NodeChoice, onlyNode } from '../chosen-nodes.ts';
import { silenceOptions } from '../nodes.ts';
import type { Run } from '../operation/open-run.ts';
import { type OperationRequest, runToldOperation } from '../operation/run-operation.ts';
import { sessionLockWaits } from '../operation/session-lock-waits.ts';
import { guardWithoutPlan } from '../plan/code-guard.ts';
import { readWanted, type WantedText } from '../plan/wanted-tables.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { endsSnapshot, withItsCure } from './journal-gone.ts';
import { type BeginRequest, type Begun, beginSnapshot } from './snapshot-begin.ts';
import { type SnapshotTeller, snapshotNews } from './snapshot-events.ts';
import { generatedReport } from './snapshot-generated.ts';
import { readSigningKey } from './snapshot-keys.ts';
import { makeRecorder } from './snapshot-recorder.ts';
import { readSchemaText } from './snapshot-schema-text.ts';

export interface GenerateSnapshotRequest
  extends Omit<BeginRequest, 'wanted' | 'guard' | 'createdAt' | 'random' | 'lock'>,
    OperationRequest {
  readonly file: string;
  readonly node: NodeChoice;
  readonly wanted: WantedText;
  /** A directory, or s3://bucket/prefix. */
  readonly location: string;
  readonly jobs: number;
  /** Every table is held in ACCESS SHARE mode until the last row is read. */
  readonly holdTables: boolean;
  /** A file with the key that signs the manifest; null: it is not signed. */
  readonly signWith: string | null;
  readonly onProgress: (progress: CopyProgress) => void;
  readonly tuning?: Partial<CopyTuning>;
}

type Generated = ReadResult<SnapshotReport>;

/** @throws SteepError: why it stopped; the same command again continues, or says what cannot. */
export const generate = (
  request: GenerateSnapshotRequest,
  runtime: RuntimeEnvironment,
): Promise<Generated> =>
  runToldOperation(
    'snapshot generate',
    request,
    runtime,
    snapshotNews('generate', request.node, ({ report }: ReadReport<SnapshotReport>) =>
      endingOf(report),
    ),
    (run, teller) => generateOn({ request, run, teller }),
  );

const endingOf = (report: SnapshotReport): SnapshotEnding =>
  report.unchanged
    ? { event: 'snapshot.unchanged' }
    : {
        event: 'snapshot.completed',
        tables_total: report.tables,
        rows_copied: report.rows,
        bytes_copied: report.bytes,
        stored_bytes: report.storedBytes,
        duration_ms: Math.round(report.durationMs),
      };

interface Starting {
  readonly request: GenerateSnapshotRequest;
  readonly run: Run;
  readonly teller: SnapshotTeller;
}

type Making = Starting & { readonly guard: CodeGuard; readonly signingKey: KeyObject | null };

const generateOn = async (making: Starting): Promise<Generated> => {
  const { request, run } = making;
  const { codec } = parseCompression(request.compression);
  await ensureCodec(codec);
  // A key that is of no use is told before anything is made.
  const signingKey = request.signWith === null ? null : await readSigningKey(request.signWith);
  const opened = await run.openChosen({ file: request.file, choices: [request.node] });
  if (opened.outcome !== 'open') return opened;
  const guard = guardWithoutPlan(opened.allowHazards);
  const storage = await openStorage(request.location, { create: true });
  try {
    const ready = { ...making, guard, signingKey };
    return { outcome: 'read', report: await generateInto(onlyNode(opened), storage, ready) };
  } catch (error) {
    throw withItsCure(error);
  } finally {
    await storage.close();
  }
};

const generateInto = async (
  node: ChosenNode,
  storage: Storage,
  making: Making,
): Promise<SnapshotReport> => {
  const { request, run, teller, signingKey } = making;
  const { clock, now } = run.runtime;
  const startedAt = clock();
  teller.know({ location: storage.location });
  if (await isFinished(storage)) {
    const { manifest } = await readTrustedManifest(storage, anything);
    teller.know({ snapshot_id: manifest.snapshotId });
    if (signingKey !== null) await writeSignature(storage, renderManifest(manifest), signingKey);
    return generatedReport(storage, manifest, { unchanged: true, durationMs: clock() - startedAt });
  }
  const compression = formatCompression(parseCompression(request.compression));
  const { header, manifest } = await whileSeen(node.metadata, node.name, async () => {
    const begun = await beginSnapshot(node, storage, {
      ...request,
      compression,
      wanted: readWanted(request.wanted),
      guard: making.guard,
      createdAt: now(),
      random: randomBytes(2).toString('hex'),
      lock: () => run.lock([node], { evenWithoutTable: true }),
    });
    tellStart(begun, teller);
    return { ...begun, manifest: await recorded(node, storage, { ...begun, ...making }) };
  });
  await endExporter(node.session, { ...header, location: storage.location }, header.holder);
  return generatedReport(storage, manifest, { unchanged: false, durationMs: clock() - startedAt });
};

const tellStart = ({ header, journal }: Begun, { know, tell }: SnapshotTeller): void => {
  const { snapshotId, slot, lsn, choice } = header;
  know({ snapshot_id: snapshotId });
  tell({
    event: 'snapshot.started',
    slot,
    lsn,
    tables_total: choice.tables.length,
    resumed: journal !== null,
  });
};

const recorded = async (
  node: ChosenNode,
  storage: Storage,
  writing: Omit<Writing, 'onProgress'>,
): Promise<SnapshotManifest> => {
  const { request, run, header, teller } = writing;
  const recorder = makeRecorder({
    metadata: node.metadata,
    header,
    location: storage.location,
    runId: run.identity.runId,
    clock: run.runtime.clock,
    say: request.say,
  });
  await recorder.start();
  // Others may change the node while its rows are read, which may take hours: the moment of the snapshot is held.
  await run.unlock();
  try {
    const onProgress = (progress: CopyProgress): void => {
      recorder.report(progress);
      teller.progress(progress);
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

interface Writing extends Begun, Making {
  readonly onProgress: (progress: CopyProgress) => void;
}

const write = (
  { name, conninfo, session }: ChosenNode,
  storage: Storage,
  { header, journal, request, run, teller, guard, onProgress, signingKey }: Writing,
): Promise<SnapshotManifest> => {
  const { jobs, holdTables, say } = request;
  const { runtime, signal, sleep } = run;
  const { tables, publications } = header.choice;
  const applicationName = snapshotApplication({ ...header, location: storage.location });
  return generateSnapshot({
    storage,
    steepVersion: runtime.steepVersion,
    jobs,
    holdTables,
    signingKey,
    header,
    journal,
    signal,
    clock: runtime.clock,
    sleep,
    locks: sessionLockWaits(session, say),
    guard,
    onProgress,
    onTable: teller.table,
    onKept: (kept, of) => say(`Kept ${kept} of ${of} chunks that an earlier run stored.`),
    openSource: () =>
      openSession(conninfo, { node: name, applicationName, ...silenceOptions(name, runtime) }),
    describe: (session) => readSchemaText(session, tables, publications),
    ...(request.tuning === undefined ? {} : { tuning: request.tuning }),
  });
};

/** A run that was stopped has time to continue. */
const withHold = (error: unknown, { holdMs }: GenerateSnapshotRequest): unknown => {
  if (!(error instanceof SteepError) || endsSnapshot(error)) return error;
  return new SteepError(error.code, error.message, {
    exit: error.exit,
    cause: error,
    suggestions: [
      ...error.suggestions,
      `The exported snapshot is kept for ${formatDuration(holdMs)} more: until then, the same command continues with the stored files.`,
    ],
  });
};
