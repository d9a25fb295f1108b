// steep snapshot apply without a subscription: the rows of a snapshot, into a node without a subscription yet. Again:
// continues from what is loaded.

import { findChanged } from '../../copy/check/check-tables.ts';
import { anyColumns, type CodeGuard, runsAnything } from '../../copy/check/code-guard.ts';
import type { CopyResult } from '../../copy/copy-request.ts';
import { readCopiedTables } from '../../copy/fill/chunk-checkpoints.ts';
import { readDeferred } from '../../copy/indexes/deferred-records.ts';
import { whileSeen } from '../../metadata/keep-seen.ts';
import type { CopyProgress } from '../../model/copy/init-progress.ts';
import { SteepError } from '../../model/errors.ts';
import type { SnapshotEnding } from '../../model/event.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { ReadReport, ReadResult } from '../../model/report/read-result.ts';
import { checkpointsKeyOf } from '../../model/snapshot/snapshot.ts';
import type { LoadReport } from '../../model/snapshot/snapshot-report.ts';
import type { Session } from '../../postgres/session.ts';
import { readTrustedManifest } from '../../snapshot/manifest/read-manifest.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import type { VerifyProgress } from '../../snapshot/verify.ts';
import { type ChosenNode, type NodeChoice, onlyNode } from '../chosen-nodes.ts';
import { installMetadataNow } from '../operation/install-metadata.ts';
import type { Run } from '../operation/open-run.ts';
import { type OperationRequest, runToldOperation } from '../operation/run-operation.ts';
import { guardEventTriggers, guardWithoutPlan } from '../plan/code-guard.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { assertAsLoaded, emptyOthers } from './empty-others.ts';
import { type SnapshotTeller, snapshotNews } from './snapshot-events.ts';
import { fillFromSnapshot, type SnapshotFilling } from './snapshot-fill.ts';
import { trustFrom } from './snapshot-keys.ts';
import { withStorage } from './snapshot-place.ts';
import { alignWithSnapshot, type SnapshotSchemaSync } from './snapshot-schema.ts';
import type { TablesRequest } from './snapshot-tables.ts';

export interface LoadSnapshotRequest extends TablesRequest, OperationRequest {
  readonly file: string;
  readonly node: NodeChoice;
  /** A directory, or s3://bucket/prefix. */
  readonly location: string;
  /** The SHA-256 that its manifest must have; null: any. */
  readonly expectSha256: string | null;
  readonly jobs: number;
  /** Empty tables that hold other rows, if `confirm` agrees. */
  readonly force: boolean;
  /** Prove, before and after, that every table holds exactly the loaded rows. */
  readonly check: boolean;
  /** Code of roles that are not trusted may run: RUNS_FOREIGN_CODE is allowed for the node. */
  readonly allowsForeignCode: boolean;
  readonly schemaSync: SnapshotSchemaSync;
  /** Shows which tables lose their rows, and asks. */
  readonly confirm: (tables: readonly string[]) => Promise<boolean>;
  readonly onVerify: (progress: VerifyProgress) => void;
  readonly onProgress: (progress: CopyProgress) => void;
}

type Loaded = ReadResult<LoadReport>;

/** @throws SteepError: why it stopped. What is loaded stays, and is on record. */
export const loadStored = (
  request: LoadSnapshotRequest,
  runtime: RuntimeEnvironment,
): Promise<Loaded> =>
  runToldOperation(
    'snapshot apply',
    request,
    runtime,
    snapshotNews('apply', request.node, ({ report }: ReadReport<LoadReport>) => endingOf(report)),
    (run, teller) => loadOnto({ request, run, teller }),
  );

const endingOf = ({ tables, rows, bytes, durationMs }: LoadReport): SnapshotEnding => ({
  event: 'snapshot.completed',
  tables_total: tables,
  rows_copied: rows,
  bytes_copied: bytes,
  stored_bytes: null,
  duration_ms: Math.round(durationMs),
});

interface Starting {
  readonly request: LoadSnapshotRequest;
  readonly run: Run;
  readonly teller: SnapshotTeller;
}

interface Loading extends Starting {
  readonly guard: CodeGuard;
}

const loadOnto = async (loading: Starting): Promise<Loaded> => {
  const { request, run } = loading;
  const opened = await run.openChosen({ file: request.file, choices: [request.node] });
  if (opened.outcome !== 'open') return opened;
  const node = onlyNode(opened);
  await run.lock([node]);
  const guard = await guardOf(node, opened.allowHazards, request);
  const report = await whileSeen(node.metadata, node.name, () =>
    withStorage(request.location, (storage) => loadInto(node, storage, { ...loading, guard })),
  );
  return { outcome: 'read', report };
};

/** What may run of what is not trusted. Metadata, tables and indexes are created without a plan. */
const guardOf = async (
  node: ChosenNode,
  allowHazards: readonly string[],
  { allowsForeignCode }: LoadSnapshotRequest,
): Promise<CodeGuard> => {
  if (allowsForeignCode) return runsAnything;
  const cures = [
    `If you trust the owners of these functions: --allow-hazard RUNS_FOREIGN_CODE=${node.name}/node.${node.name}`,
  ];
  await guardEventTriggers(node, allowHazards, cures);
  return guardWithoutPlan(allowHazards, cures);
};

const loadInto = async (
  node: ChosenNode,
  storage: Storage,
  loading: Loading,
): Promise<LoadReport> => {
  const { request, run, teller } = loading;
  teller.know({ location: storage.location });
  const trust = await trustFrom(request.expectSha256, run.runtime.verifyWith);
  const { manifest } = await readTrustedManifest(storage, trust);
  const { snapshotId, slot, lsn, publications } = manifest;
  teller.know({ snapshot_id: snapshotId });
  assertBeside(node);
  await installMetadataNow(node, run);
  const checkpointsKey = checkpointsKeyOf(snapshotId);
  const begun = await readBegun(node.session, checkpointsKey);
  const tables_total = manifest.tables.length;
  teller.tell({ event: 'snapshot.started', slot, lsn, tables_total, resumed: begun.size > 0 });
  await run.patiently('comparing the tables with the snapshot', node.session, () =>
    alignWithSnapshot(node.session, storage, manifest, { ...request, begun }),
  );
  const tables = manifest.tables.map(({ schema, name }) => ({ schema, name }));
  await loading.guard(node.session, 'scan', anyColumns(tables));
  const changed = request.check
    ? await findChanged(node.session, checkpointsKey, tables, loading.guard)
    : [];
  if (!request.force) assertAsLoaded(node, changed);
  const emptying = { subscription: checkpointsKey, guard: loading.guard, confirm: request.confirm };
  const emptied = request.force ? await emptyOthers(node, tables, changed, emptying) : [];
  const result = await fill({ node, storage, manifest, tables, checkpointsKey }, loading);
  return {
    node: node.name,
    location: storage.location,
    snapshotId,
    slot,
    publications,
    emptied,
    ...result,
  };
};

type Filled = Pick<SnapshotFilling, 'node' | 'storage' | 'manifest' | 'tables' | 'checkpointsKey'>;

const fill = (filled: Filled, { request, run, teller, guard }: Loading): Promise<CopyResult> => {
  const { jobs: workers, check, say } = request;
  return fillFromSnapshot({
    ...filled,
    run,
    workers,
    check,
    say,
    guard,
    onProgress: (progress) => {
      teller.progress(progress);
      request.onProgress(progress);
    },
    onVerify: (progress) => {
      teller.verifying(progress);
      request.onVerify(progress);
    },
    onTable: teller.table,
  });
};

/** By formatName: an earlier load has rows in them, or has deferred their indexes. */
const readBegun = async (
  session: Session,
  checkpointsKey: string,
): Promise<ReadonlySet<string>> => {
  const filled = await readCopiedTables(session, checkpointsKey);
  const deferred = await readDeferred(session, checkpointsKey);
  return new Set([...filled, ...deferred.map(({ table }) => table)].map(formatName));
};

/** The copy checkpoints are in the database of the tables, so that it commits with their rows. */
const assertBeside = ({ name, session, metadata }: ChosenNode): void => {
  if (session === metadata) return;
  throw new SteepError(
    'SNAPSHOT_CHECKPOINTS',
    `Node ${name} keeps steep_repl in another database; copy checkpoints must be in the database of the tables.`,
    { exit: ExitCode.refused, suggestions: ['Load it into a node without metadata_database.'] },
  );
};
