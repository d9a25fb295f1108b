// steep init prepare: a slot on the source whose beginning is known, a snapshot of that moment while a user takes a
// backup, and what was in the tables then.

import { readPrepared } from '../../catalog/slots/read-prepared.ts';
import { anyColumns, type CodeGuard } from '../../copy/check/code-guard.ts';
import type { HeldSnapshot } from '../../copy/read/hold-snapshot.ts';
import { extendPrepared } from '../../metadata/init/init-slots.ts';
import { whileSeen } from '../../metadata/keep-seen.ts';
import type { EvidenceKind, PreparedSlot } from '../../model/copy/manual-init.ts';
import type { PreparedReport } from '../../model/copy/prepared-report.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { Session } from '../../postgres/session.ts';
import { type OpenNodes, openReplication } from '../nodes.ts';
import { installMetadataNow } from '../operation/install-metadata.ts';
import { nodesNamed, type Run } from '../operation/open-run.ts';
import { type OperationRequest, runOperation } from '../operation/run-operation.ts';
import { guardWithoutPlan } from '../plan/code-guard.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { comparedPartsOf, type EdgeRequest, findInitEdge } from './init-edge.ts';
import { holdForBackup, longestHoldMs } from './init-hold.ts';
import { reportOf } from './init-report.ts';
import { makeSlot } from './init-slot.ts';
import { readSource, type Source } from './init-source.ts';
import { loadManual, type ManualPlace } from './manual-project.ts';

export interface PrepareRequest extends EdgeRequest, OperationRequest {
  readonly file: string;
  /** Instead of the file. */
  readonly manual: ManualPlace | null;
  /** Keep a snapshot while a user dumps. */
  readonly hold: boolean;
  /** How long; null: until the slot expires. */
  readonly holdMs: number | null;
  readonly expiresInMs: number;
  readonly evidence: EvidenceKind;
  readonly renew: boolean;
  /** Only moves the expiry of what was prepared before; null: prepare. */
  readonly extendMs: number | null;
  readonly slotTimeoutMs: number;
  /** Called once the slot is there; the snapshot lives until `prepareInit` returns. */
  readonly onPrepared: (report: PreparedReport) => void;
}

export interface PrepareResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Null: the file is not valid. */
  readonly report: PreparedReport | null;
}

const mustRead = async (metadata: Session, slot: string): Promise<PreparedSlot> => {
  const prepared = await readPrepared(metadata, slot);
  if (prepared === null) throw new Error(`nothing is recorded for slot ${slot}`);
  return prepared;
};

const extend = async (
  source: Source,
  milliseconds: number,
  project: Project,
): Promise<PreparedReport> => {
  const { edge, metadata, prepared } = source;
  if (prepared === null) {
    throw new SteepError('INIT_NOT_PREPARED', `Nothing was prepared for ${edge.name}.`, {
      exit: ExitCode.refused,
      suggestions: [steepCommand`steep init prepare ${edge.node} --from ${edge.source}`],
    });
  }
  await extendPrepared(metadata, edge.slot, milliseconds);
  const extended = await mustRead(metadata, edge.slot);
  return reportOf(source, extended, null, prepared.evidence?.kind ?? 'none', project);
};

const guardOf = ({ desired }: Project): CodeGuard =>
  guardWithoutPlan(desired.policy.allowHazards, ['Record no evidence: --evidence none']);

/** Before there is a slot. @throws SteepError RUNS_FOREIGN_CODE (exit 3). */
const assertReadable = async (
  { session, published, state }: Source,
  project: Project,
): Promise<void> => {
  const tables = comparedPartsOf(published.tables, state).map(({ table }) => table);
  await guardOf(project)(session, 'scan', anyColumns(tables));
};

interface Begun {
  readonly report: PreparedReport;
  readonly source: Source;
  /** Null: none waits for it. */
  readonly held: HeldSnapshot | null;
}

/** Under the run lock of the source. */
const begin = async (
  edge: DesiredSubscription,
  request: PrepareRequest,
  project: Project,
  nodes: OpenNodes,
  { runtime, identity, signal }: Run,
): Promise<Begun> => {
  const source = await readSource(project, edge, nodes, runtime);
  if (request.extendMs !== null) {
    return { source, report: await extend(source, request.extendMs, project), held: null };
  }
  if (request.evidence !== 'none') await assertReadable(source, project);
  const { applicationName, runId } = identity;
  const replication = await openReplication(
    edge.source,
    project.connections,
    applicationName,
    runtime,
  );
  try {
    const { metadata } = source;
    const held = await whileSeen(metadata, edge.source, () =>
      makeSlot(source, replication, { ...request, runId, signal }),
    );
    const prepared = await mustRead(metadata, edge.slot);
    const { evidence } = request;
    const name = request.hold ? held.name : null;
    return { source, report: await reportOf(source, prepared, name, evidence, project), held };
  } catch (error) {
    await replication.close();
    throw error;
  }
};

const hold = async (
  { source, held, report }: Begun,
  request: PrepareRequest,
  project: Project,
  { runtime, identity, signal }: Run,
): Promise<void> => {
  if (held === null || (!request.hold && request.evidence === 'none')) return;
  const { session: reader, metadata, published, state } = source;
  const until = Date.parse(report.expiresAt) - runtime.now().getTime();
  const holdMs = request.hold ? Math.min(request.holdMs ?? until, until, longestHoldMs) : 0;
  const parts = comparedPartsOf(published.tables, state);
  const holding = { snapshot: held, parts, reader, metadata, guard: guardOf(project) };
  await whileSeen(metadata, source.edge.source, () =>
    holdForBackup(holding, { ...request, holdMs, signal, runId: identity.runId }),
  );
};

const unreadable = (nodes: OpenNodes): SteepError =>
  unreadError(Object.values(nodes.unreadable)[0], 'A node is not open.');

const prepareEdge = async (
  request: PrepareRequest,
  project: Project,
  run: Run,
): Promise<PreparedReport> => {
  const edge = findInitEdge(project.desired, request);
  const nodes = await run.open(
    project.desired.nodes.filter(({ name }) => name === edge.source),
    project.connections,
  );
  if (nodes.sessions.size === 0) throw unreadable(nodes);
  const [source] = nodesNamed(nodes, new Set([edge.source]));
  await run.lock(source === undefined ? [] : [source]);
  // With a file, apply has installed it.
  if (project.withoutFile === true && source !== undefined) await installMetadataNow(source, run);
  const begun = await begin(edge, request, project, nodes, run);
  try {
    // Others may change the source while the backup is taken.
    await run.unlock();
    request.onPrepared(begun.report);
    await hold(begun, request, project, run);
    return begun.report;
  } finally {
    await begun.held?.release();
  }
};

/**
 * Prepares an initial copy manually, and holds the snapshot as long as it is asked to.
 * @throws SteepError before anything was changed: refused (3), locked (5), incomplete (7). After onPrepared:
 * INTERRUPTED, INIT_SNAPSHOT_LOST; the slot stays.
 */
export const prepareInit = async (
  request: PrepareRequest,
  runtime: RuntimeEnvironment,
): Promise<PrepareResult> => {
  const { file, manual } = request;
  const { topology: project, diagnostics } = await loadManual(file, manual, request, runtime);
  if (project === null) return { diagnostics, report: null };
  const report = await runOperation('init prepare', request, runtime, (run) =>
    prepareEdge(request, project, run),
  );
  return { diagnostics, report };
};
