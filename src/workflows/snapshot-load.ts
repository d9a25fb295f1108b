// steep snapshot apply without a subscription: the rows of a snapshot, into a node that nobody follows with yet. Again:
// goes on from what is loaded.

import { readMetadata } from '../catalog/read-metadata.ts';
import { findChanged } from '../copy/check-tables.ts';
import { anyColumns, type CodeGuard, runsAnything } from '../copy/code-guard.ts';
import type { CopyResult } from '../copy/copy-request.ts';
import { readCopiedTables } from '../copy/ledger.ts';
import { readPostponed } from '../copy/postponed.ts';
import { runMigrations } from '../metadata/migrate.ts';
import type { CopyProgress } from '../model/copy-progress.ts';
import { SteepError } from '../model/errors.ts';
import type { RunEvent } from '../model/event.ts';
import { ExitCode } from '../model/exit-code.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { metadataVersion } from '../model/metadata-version.ts';
import { ledgerOf, type SnapshotManifest } from '../model/snapshot.ts';
import type { SnapshotEnding } from '../model/snapshot-event.ts';
import type { LoadReport } from '../model/snapshot-report.ts';
import { toFailure } from '../postgres/failures.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { interruptibleSleep } from '../run/interruptible-sleep.ts';
import { loadSnapshot } from '../snapshot/load.ts';
import { readTrustedManifest } from '../snapshot/read-manifest.ts';
import { openStorage } from '../snapshot/storage/open-storage.ts';
import type { Storage } from '../snapshot/storage/storage.ts';
import type { VerifyProgress } from '../snapshot/verify.ts';
import { type ChosenNode, type NodeChoice, openChosen } from './chosen-nodes.ts';
import { guardWithoutPlan } from './code-guard.ts';
import type { Host } from './host.ts';
import { lockNodes, newIdentity, type RunIdentity, sessionsOfRun } from './lock-touched.ts';
import { silenceOptions } from './nodes.ts';
import { patientWithLocks } from './patient-with-locks.ts';
import type { SchemaResult } from './schema.ts';
import { assertAsLoaded, emptyOthers } from './snapshot/empty-others.ts';
import { type SnapshotTeller, telling } from './snapshot-events.ts';
import { trustFrom } from './snapshot-keys.ts';
import { alignWithSnapshot, type SnapshotSchemaSync } from './snapshot-schema.ts';
import type { TablesRequest } from './snapshot-tables.ts';

export interface LoadSnapshotRequest extends TablesRequest {
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
  readonly waitForLockMs: number;
  readonly signal: AbortSignal;
  /** Shows which tables lose their rows, and asks. */
  readonly confirm: (tables: readonly string[]) => Promise<boolean>;
  readonly onVerify: (progress: VerifyProgress) => void;
  readonly onProgress: (progress: CopyProgress) => void;
  readonly onEvent: (event: RunEvent) => void;
  /** For people. */
  readonly say: (text: string) => void;
}

type Loaded = SchemaResult<LoadReport>;

/** @throws SteepError: why it stopped. What is loaded stays, and is on record. */
export const loadStored = (request: LoadSnapshotRequest, host: Host): Promise<Loaded> => {
  const identity = newIdentity(host);
  return telling(
    { ...request, ...host, runId: identity.runId, operation: 'apply' },
    (teller) => loadOnto({ request, identity, host, teller }),
    ({ report }) => endingOf(report),
  );
};

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
  readonly identity: RunIdentity;
  readonly host: Host;
  readonly teller: SnapshotTeller;
}

interface Loading extends Starting {
  readonly guard: CodeGuard;
}

const loadOnto = async (loading: Starting): Promise<Loaded> => {
  const { request, identity, host } = loading;
  const options = { ...sessionsOfRun(identity), readOnly: false };
  const opened = await openChosen({ file: request.file, choices: [request.node] }, options, host);
  if (opened.outcome !== 'open') return opened;
  try {
    const [node] = opened.nodes;
    if (node === undefined) throw new Error('one node was asked for');
    await lockNodes(new Map([[node.name, node.session]]), identity, request, host);
    const guard = request.allowsForeignCode
      ? runsAnything
      : guardWithoutPlan(opened.allowHazards, [
          `If you trust the owners of these functions: --allow-hazard RUNS_FOREIGN_CODE=${node.name}/node.${node.name}`,
        ]);
    const storage = await openStorage(request.location, { create: false });
    try {
      return { outcome: 'read', report: await loadInto(node, storage, { ...loading, guard }) };
    } finally {
      await storage.close();
    }
  } finally {
    await opened.close();
  }
};

const loadInto = async (
  node: ChosenNode,
  storage: Storage,
  loading: Loading,
): Promise<LoadReport> => {
  const { request, host, teller } = loading;
  teller.know({ location: storage.location });
  const trust = await trustFrom(request.expectSha256, host.verifyWith);
  const { manifest } = await readTrustedManifest(storage, trust);
  const { snapshotId, slot, lsn, publications } = manifest;
  teller.know({ snapshot_id: snapshotId });
  await install(node, host);
  await loading.identity.locks.extend(node.session);
  const ledger = ledgerOf(snapshotId);
  const begun = await readBegun(node.session, ledger);
  const tables_total = manifest.tables.length;
  teller.tell({ event: 'snapshot.started', slot, lsn, tables_total, resumed: begun.size > 0 });
  await alignWithSnapshot(node.session, storage, manifest, { ...request, begun });
  const tables = manifest.tables.map(({ schema, name }) => ({ schema, name }));
  await loading.guard(node.session, 'scan', anyColumns(tables));
  const changed = request.check
    ? await findChanged(node.session, ledger, tables, loading.guard)
    : [];
  if (!request.force) assertAsLoaded(node, changed);
  const emptying = { subscription: ledger, guard: loading.guard, confirm: request.confirm };
  const emptied = request.force ? await emptyOthers(node, tables, changed, emptying) : [];
  const result = await load(node, storage, manifest, { ...loading, tables, ledger });
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

/** By formatName: an earlier load has rows in them, or has put off their indexes. */
const readBegun = async (session: Session, ledger: string): Promise<ReadonlySet<string>> => {
  const filled = await readCopiedTables(session, ledger);
  const postponed = await readPostponed(session, ledger);
  return new Set([...filled, ...postponed.map(({ table }) => table)].map(formatName));
};

/** The ledger lives beside the tables, so that it commits with their rows. */
const install = async ({ name, session, metadata }: ChosenNode, host: Host): Promise<void> => {
  if (session !== metadata) {
    throw new SteepError(
      'SNAPSHOT_LEDGER',
      `Node ${name} keeps steep_repl in another database; what is loaded is recorded beside the tables.`,
      { exit: ExitCode.refused, suggestions: ['Load it into a node without metadata_database.'] },
    );
  }
  const { version } = await readMetadata(metadata, name);
  if (version >= metadataVersion) return;
  await session
    .transaction({}, () => runMigrations(session, version, metadataVersion, host.steepVersion))
    .catch((error: unknown) => {
      throw toFailure(error, { node: name, doing: 'installing steep_repl' });
    });
};

interface Content extends Loading {
  readonly tables: readonly QualifiedName[];
  readonly ledger: string;
}

const load = (
  { name: node, conninfo, session }: ChosenNode,
  storage: Storage,
  manifest: SnapshotManifest,
  { request, identity, host, teller, guard, tables, ledger }: Content,
): Promise<CopyResult> => {
  const { jobs: workers, say, check } = request;
  const signal = AbortSignal.any([request.signal, identity.locks.lost]);
  return loadSnapshot({
    node,
    storage,
    manifest,
    tables,
    ...(check ? {} : { unchecked: true as const }),
    ledger,
    runId: identity.runId,
    workers,
    openTarget: () =>
      openSession(conninfo, { node, ...sessionsOfRun(identity), ...silenceOptions(node, host) }),
    locks: patientWithLocks(session, say),
    guard,
    signal,
    clock: host.clock,
    sleep: interruptibleSleep(signal),
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
