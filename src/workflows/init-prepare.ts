// steep init prepare: a slot on the source whose beginning is known, a snapshot of that moment while somebody
// takes a backup, and what was in the tables then.

import { readPrepared } from '../catalog/read-prepared.ts';
import { anyColumns, type CodeGuard } from '../copy/code-guard.ts';
import type { HeldSnapshot } from '../copy/hold-snapshot.ts';
import { extendPrepared } from '../metadata/init-slots.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import type { EvidenceKind, PreparedSlot } from '../model/manual-init.ts';
import type { PreparedReport } from '../model/prepared-report.ts';
import type { DesiredSubscription } from '../model/state.ts';
import type { Session } from '../postgres/session.ts';
import { guardWithoutPlan } from './code-guard.ts';
import type { Host } from './host.ts';
import { broughtByHand, type EdgeRequest, findInitEdge, partsOf } from './init-edge.ts';
import { holdForBackup, longestHoldMs } from './init-hold.ts';
import { reportOf } from './init-report.ts';
import { makeSlot } from './init-slot.ts';
import { readSource, type Source } from './init-source.ts';
import { loadFile } from './load.ts';
import { lockNodes, newIdentity, type RunIdentity, sessionsOfRun } from './lock-touched.ts';
import { type OpenNodes, openNodes, openReplication } from './nodes.ts';
import type { Project } from './read-live.ts';

export interface PrepareRequest extends EdgeRequest {
  readonly file: string;
  /** Keep a snapshot while somebody dumps. */
  readonly hold: boolean;
  /** How long; null: until the slot expires. */
  readonly holdMs: number | null;
  readonly expiresInMs: number;
  readonly evidence: EvidenceKind;
  readonly renew: boolean;
  /** Only moves the expiry of what was prepared before; null: prepare. */
  readonly extendMs: number | null;
  readonly slotTimeoutMs: number;
  readonly waitForLockMs: number;
  readonly signal: AbortSignal;
  /** Called once the slot is there; the snapshot lives until `prepareInit` returns. */
  readonly onPrepared: (report: PreparedReport) => void;
  readonly say: (text: string) => void;
}

export interface PrepareResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Null: the file is not valid. */
  readonly report: PreparedReport | null;
}

const mustRead = async (metadata: Session, slot: string): Promise<PreparedSlot> => {
  const prepared = await readPrepared(metadata, slot);
  if (prepared === null) throw new Error(`nothing is noted of slot ${slot}`);
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
      suggestions: [`steep init prepare ${edge.node} --from ${edge.source}`],
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
  const tables = partsOf(published.tables, state).map(({ table }) => table);
  await guardOf(project)(session, 'scan', anyColumns(tables));
};

interface Begun {
  readonly report: PreparedReport;
  readonly source: Source;
  /** Null: nobody waits for it. */
  readonly held: HeldSnapshot | null;
}

/** Under the run lock of the source. */
const begin = async (
  edge: DesiredSubscription,
  request: PrepareRequest,
  project: Project,
  nodes: OpenNodes,
  identity: RunIdentity,
  host: Host,
): Promise<Begun> => {
  if (nodes.sessions.size === 0) throw unreadable(nodes);
  await lockNodes(nodes.sessions, identity, request, host);
  const source = await readSource(project, edge, nodes, host);
  if (request.extendMs !== null) {
    return { source, report: await extend(source, request.extendMs, project), held: null };
  }
  if (request.evidence !== 'none') await assertReadable(source, project);
  const { applicationName, runId } = identity;
  const replication = await openReplication(
    edge.source,
    project.connections,
    applicationName,
    host,
  );
  try {
    const held = await makeSlot(source, replication, { ...request, runId });
    const prepared = await mustRead(source.metadata, edge.slot);
    const { evidence } = request;
    const name = request.hold ? held.name : null;
    return { source, report: await reportOf(source, prepared, name, evidence, project), held };
  } catch (error) {
    await replication.close();
    throw error;
  }
};

const open = (
  { desired, connections }: Project,
  source: DesiredSubscription['source'],
  identity: RunIdentity,
  host: Host,
): Promise<OpenNodes> => {
  const nodes = desired.nodes.filter(({ name }) => name === source);
  return openNodes(nodes, connections, { ...sessionsOfRun(identity), readOnly: false }, host);
};

/** Without the run lock: others may go on with the source while somebody takes a backup. */
const hold = async (
  { source, held, report }: Begun,
  request: PrepareRequest,
  project: Project,
  identity: RunIdentity,
  host: Host,
): Promise<void> => {
  if (held === null || (!request.hold && request.evidence === 'none')) return;
  const nodes = await open(project, source.edge.source, identity, host);
  try {
    const reader = nodes.sessions.get(source.edge.source);
    const metadata = nodes.metadata.get(source.edge.source);
    if (reader === undefined || metadata === undefined) throw unreadable(nodes);
    const until = Date.parse(report.expiresAt) - host.now().getTime();
    const holdMs = request.hold ? Math.min(request.holdMs ?? until, until, longestHoldMs) : 0;
    await holdForBackup(
      {
        snapshot: held,
        parts: partsOf(source.published.tables, source.state),
        reader,
        metadata,
        guard: guardOf(project),
      },
      { ...request, holdMs, runId: identity.runId },
    );
  } finally {
    await nodes.close();
  }
};

const unreadable = (nodes: OpenNodes): SteepError => {
  const [found] = Object.values(nodes.unreadable);
  return new SteepError(found?.code ?? 'UNREACHABLE', found?.detail ?? 'A node is not open.', {
    exit: ExitCode.incomplete,
    suggestions: found?.suggestions ?? [],
  });
};

/** The run lock ends with its session: it is not held while somebody takes a backup. */
const beginLocked = async (
  edge: DesiredSubscription,
  request: PrepareRequest,
  project: Project,
  identity: RunIdentity,
  host: Host,
): Promise<Begun> => {
  const nodes = await open(project, edge.source, identity, host);
  try {
    return await begin(edge, request, project, nodes, identity, host);
  } finally {
    await nodes.close();
  }
};

const prepareEdge = async (
  request: PrepareRequest,
  project: Project,
  host: Host,
): Promise<PreparedReport> => {
  const identity = newIdentity(host);
  const edge = findInitEdge(project.desired, request);
  const begun = await beginLocked(edge, request, project, identity, host);
  try {
    request.onPrepared(begun.report);
    await hold(begun, request, project, identity, host);
    return begun.report;
  } finally {
    await begun.held?.release();
  }
};

/**
 * Prepares a first copy by hand, and holds the snapshot as long as it is asked to.
 * @throws SteepError before anything was changed: refused (3), locked (5), incomplete (7). After onPrepared:
 * INTERRUPTED, INIT_SNAPSHOT_LOST; the slot stays.
 */
export const prepareInit = async (request: PrepareRequest, host: Host): Promise<PrepareResult> => {
  const { topology, diagnostics } = loadFile(request.file, host);
  if (topology === null) return { diagnostics, report: null };
  const project = { ...topology, desired: broughtByHand(topology.desired) };
  return { diagnostics, report: await prepareEdge(request, project, host) };
};
