// What steps see of the world while they run: sessions, time, secrets by name, events stamped by the run.

import { assertAgreed } from '../../catalog/foreign-code/assert-agreed.ts';
import { type ConnectionHash, connectionHash } from '../../catalog/objects/connection-hash.ts';
import type { RunContext, RunLimits } from '../../executors/executor.ts';
import type { EmitEvent, RunEvent } from '../../model/event.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ConsentedCode } from '../../model/state/foreign-code.ts';
import type { Step } from '../../model/step/step.ts';
import { type Dump, type DumpRequest, startDump } from '../../postgres/connect/pg-dump.ts';
import { openSession, type Session, type SessionOptions } from '../../postgres/session.ts';
import { interruptibleSleep } from '../../run/interruptible-sleep.ts';
import { type OpenNodes, sessionOptions } from '../nodes.ts';
import { type RunIdentity, sessionsOfRun } from '../operation/run-identity.ts';
import { stampEvents } from '../operation/stamp-events.ts';
import { openSnapshot } from '../plan/open-snapshot.ts';
import { readPlannedDecisions } from '../plan/read-decisions.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

export interface RunSurroundings {
  readonly project: Project;
  readonly nodes: OpenNodes;
  readonly identity: RunIdentity;
  readonly limits: RunLimits;
  /** Of roles that are not trusted: what the steps that were agreed to may run. */
  readonly consented: readonly ConsentedCode[];
  readonly onEvent: (event: RunEvent) => void;
  readonly signal: AbortSignal;
  readonly runtime: RuntimeEnvironment;
}

export interface RunContexts {
  readonly emit: EmitEvent;
  readonly contextOf: (step: Step) => RunContext;
  /** For what belongs to no step. */
  readonly context: RunContext;
  readonly close: () => Promise<void>;
}

const mustHave = <V>(map: ReadonlyMap<NodeName, V>, node: NodeName): V => {
  const value = map.get(node);
  if (value === undefined) throw new Error(`node ${node} is not open`);
  return value;
};

const openAnother = (
  { project, identity, runtime }: RunSurroundings,
  node: NodeName,
  how: Pick<SessionOptions, 'readOnly' | 'replication'>,
  database: string | null = null,
): Promise<Session> => {
  const own = project.connections.own[node];
  if (own === undefined) throw new Error(`node ${node} has no connection`);
  const conninfo = database === null ? own : own.with({ dbname: database });
  const options = { ...sessionsOfRun(identity), readOnly: how.readOnly === true };
  const settings = sessionOptions(node, project.connections, options, runtime);
  return openSession(conninfo, { ...settings, ...how });
};

const openDump = (
  { project, identity, runtime }: RunSurroundings,
  node: NodeName,
  request: DumpRequest,
): Promise<Dump> => {
  const conninfo = project.connections.own[node];
  if (conninfo === undefined) throw new Error(`node ${node} has no connection`);
  const { applicationName } = identity;
  return startDump({ node, conninfo, applicationName, environment: runtime.environment }, request);
};

const metadataDatabase = ({ desired }: Project, node: NodeName): string | null =>
  desired.nodes.find(({ name }) => name === node)?.metadataDatabase ?? null;

interface Observer {
  readonly opening: Promise<Session>;
  /** Null: it is not open yet. */
  session: Session | null;
}

/** Second sessions, opened when they are first needed, and again where the connection has broken. */
const observersOf = (surroundings: RunSurroundings) => {
  const opened = new Map<NodeName, Observer>();
  const open = (node: NodeName): Observer => {
    const opening = openAnother(surroundings, node, { readOnly: true });
    const observer: Observer = { opening, session: null };
    opening.then(
      (session) => {
        observer.session = session;
      },
      () => opened.delete(node),
    );
    opened.set(node, observer);
    return observer;
  };
  const observer = (node: NodeName): Promise<Session> => {
    const found = opened.get(node);
    return (found === undefined || found.session?.closed === true ? open(node) : found).opening;
  };
  const close = async (): Promise<void> => {
    const all = [...opened.values()];
    await Promise.allSettled(all.map(async ({ opening }) => (await opening).close()));
  };
  return { observer, close };
};

const hashOf = ({ connections }: Project, source: NodeName): ConnectionHash => {
  const conninfo = connections.replication[source];
  if (conninfo === undefined) throw new Error(`node ${source} has no connection`);
  return connectionHash(conninfo);
};

type Sessions = Pick<
  RunContext,
  | 'session'
  | 'metadata'
  | 'observer'
  | 'openSession'
  | 'openMetadata'
  | 'openWalsender'
  | 'openDump'
  | 'snapshots'
  | 'loads'
  | 'openSnapshot'
  | 'readDecisions'
  | 'lockMetadata'
  | 'unlockMetadata'
>;

/** The ways to the servers, and the end of those that belong to the run. */
const sessionsOf = (
  surroundings: RunSurroundings,
): { readonly sessions: Sessions; readonly close: () => Promise<void> } => {
  const { nodes, project, identity } = surroundings;
  const { observer, close } = observersOf(surroundings);
  const snapshots: Sessions['snapshots'] = new Map();
  return {
    sessions: {
      session: (node) => mustHave(nodes.sessions, node),
      metadata: (node) => mustHave(nodes.metadata, node),
      observer,
      openSession: (node) => openAnother(surroundings, node, {}),
      openMetadata: (node) => openAnother(surroundings, node, {}, metadataDatabase(project, node)),
      // Of a walsender nothing is asked before its transaction begins.
      openWalsender: (node) =>
        openAnother(surroundings, node, { readOnly: true, replication: 'database' }),
      openDump: (node, request) => openDump(surroundings, node, request),
      snapshots,
      loads: new Map(),
      openSnapshot: (location) => openSnapshot(project, location),
      readDecisions: (file) => readPlannedDecisions(project, file),
      lockMetadata: (node) => identity.locks.extend(mustHave(nodes.sessions, node)),
      unlockMetadata: (node) => identity.locks.reduce(node),
    },
    close: async () => {
      await Promise.allSettled([...snapshots.values()].map(({ held }) => held.release()));
      await close();
    },
  };
};

/** The contexts of a run: one for each step, alike but for the progress they report. */
export const runContexts = (surroundings: RunSurroundings): RunContexts => {
  const { project, identity, limits, consented, signal, runtime } = surroundings;
  const emit = stampEvents(surroundings.onEvent, identity.runId, runtime);
  const { sessions, close } = sessionsOf(surroundings);
  const context: RunContext = {
    runId: identity.runId,
    steepVersion: runtime.steepVersion,
    limits,
    signal,
    ...sessions,
    connectionHash: (source) => hashOf(project, source),
    guard: (session, use, tables) => assertAgreed(session, use, tables, consented),
    seen: identity.seen,
    emit,
    progress: () => undefined,
    clock: runtime.clock,
    sleep: interruptibleSleep(signal),
  };
  const contextOf = (step: Step): RunContext => ({
    ...context,
    progress: (message, tables) =>
      emit({
        event: 'run.step_progress',
        step: step.id,
        kind: step.kind,
        node: step.node,
        message,
        ...(tables === undefined || tables.length === 0 ? {} : { tables }),
      }),
  });
  return { emit, contextOf, context, close };
};
