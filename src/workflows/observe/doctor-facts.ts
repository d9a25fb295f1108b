// Reads what the doctor needs of each node in addition to its state, and tries how other nodes reach it.

import { readMetadataRights } from '../../catalog/metadata/read-metadata-rights.ts';
import { readClock } from '../../catalog/server/read-clock.ts';
import { readHba } from '../../catalog/server/read-hba.ts';
import { readLocale } from '../../catalog/server/read-locale.ts';
import { readExistingRoles } from '../../catalog/server/read-ownership.ts';
import { readReplicationRole } from '../../catalog/server/read-replication-role.ts';
import { readSettings, readUsage } from '../../catalog/server/read-settings.ts';
import { readSlotRisks } from '../../catalog/slots/read-slot-risks.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { quoteIdentifier } from '../../model/identifier.ts';
import type { NodeFacts, ReplicationFacts } from '../../model/report/doctor-facts.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState, NodeState } from '../../model/state/state.ts';
import { readMetadataGrants } from '../../planner/doctor/reading-grants.ts';
import { metadataGrants } from '../../planner/rights/metadata-grants.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { asDiagnostic, type OpenNodes } from '../nodes.ts';
import { probeReplication } from '../plan/probe-replication.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

export interface DoctorReading {
  /** In the order of the file. */
  readonly facts: ReadonlyMap<NodeName, NodeFacts>;
  /** What could not be read after all, or for a reason that the doctor knows better. */
  readonly unreadable: Readonly<Record<NodeName, Diagnostic>>;
}

interface Sessions {
  readonly session: Session;
  readonly metadata: Session;
}

const readReplication = async (
  { session }: Sessions,
  state: NodeState,
  project: Project,
  runtime: RuntimeEnvironment,
): Promise<ReplicationFacts> => {
  const { own, replication } = project.connections;
  const conninfo = replication[state.node];
  if (conninfo === undefined) throw new Error(`node ${state.node} has no connection`);
  const user = conninfo.get('user');
  const sameAsOwn = own[state.node]?.text === conninfo.text;
  const read = project.desired.subscriptions.some(({ source }) => source === state.node);
  return {
    endpoint: conninfo.endpoint,
    role: user === undefined ? null : await readReplicationRole(session, user),
    hasPassword: conninfo.hasPassword,
    sameAsOwn,
    probe: read
      ? await probeReplication(conninfo, { node: state.node, sameAsOwn, runtime })
      : { kind: 'not-tried', why: 'no node reads from here.' },
  };
};

const readFacts = async (
  sessions: Sessions,
  state: NodeState,
  project: Project,
  runtime: RuntimeEnvironment,
): Promise<NodeFacts> => {
  const { session } = sessions;
  try {
    const replication = await readReplication(sessions, state, project, runtime);
    return {
      state,
      replication,
      settings: await readSettings(session),
      usage: await readUsage(session),
      hba: await readHba(session),
      clock: await readClock(session, runtime.now),
      locale: await readLocale(session),
      slots: await readSlotRisks(session),
      existingRoles: await readExistingRoles(session),
    };
  } catch (error) {
    throw toFailure(error, { node: state.node, doing: 'examining the server' });
  }
};

/** Where steep_repl may not be read, nothing else was read either: the rights that would open it. */
const explainRefusal = async (found: Diagnostic, metadata: Session): Promise<Diagnostic> => {
  if (found.code !== 'PRIVILEGE') return found;
  const rights = await readMetadataRights(metadata);
  const { schema, role, reader } = rights;
  const suggestions =
    schema === null || role === reader
      ? metadataGrants(rights, reader)
      : readMetadataGrants(quoteIdentifier(schema.owner), reader);
  return { ...found, suggestions };
};

const readNode = async (
  node: NodeName,
  nodes: OpenNodes,
  live: LiveState,
  project: Project,
  runtime: RuntimeEnvironment,
): Promise<NodeFacts | Diagnostic | null> => {
  const session = nodes.sessions.get(node);
  const metadata = nodes.metadata.get(node);
  if (session === undefined || metadata === undefined) return null;
  try {
    const [state, refusal] = [live.nodes[node], live.unreadable[node]];
    if (state !== undefined) return await readFacts({ session, metadata }, state, project, runtime);
    return refusal === undefined ? null : await explainRefusal(refusal, metadata);
  } catch (error) {
    return asDiagnostic(toFailure(error, { node, doing: 'examining the server' }), node);
  }
};

/** Every node that is open, side by side. */
export const readDoctorFacts = async (
  project: Project,
  nodes: OpenNodes,
  live: LiveState,
  runtime: RuntimeEnvironment,
): Promise<DoctorReading> => {
  const results = await Promise.all(
    project.desired.nodes.map(
      async ({ name }) => [name, await readNode(name, nodes, live, project, runtime)] as const,
    ),
  );
  const facts = new Map<NodeName, NodeFacts>();
  const unreadable: Record<NodeName, Diagnostic> = {};
  for (const [name, result] of results) {
    if (result === null) continue;
    if ('state' in result) facts.set(name, result);
    else unreadable[name] = result;
  }
  return { facts, unreadable };
};
