// Opens a session to each node, side by side. A node that cannot be reached is a finding, not the end.

import { assertMetadataTrusted, trustOwners } from '../catalog/trust/assert-metadata-trusted.ts';
import type { Connections, Conninfo } from '../model/connection/conninfo.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { SteepError } from '../model/errors.ts';
import type { NodeName } from '../model/state/address.ts';
import type { DesiredNode } from '../model/state/state.ts';
import { assertActingRole, judgeAs } from '../postgres/acting-role.ts';
import { endBackends } from '../postgres/end-backends.ts';
import { toFailure } from '../postgres/failures.ts';
import { openSession, type Session, type SessionOptions } from '../postgres/session.ts';
import { isSupported } from '../postgres/versions.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

export interface OpenNodes {
  readonly sessions: ReadonlyMap<NodeName, Session>;
  /** Where steep_repl of each node is: the same session, unless metadata_database is set. */
  readonly metadata: ReadonlyMap<NodeName, Session>;
  readonly unreadable: Readonly<Record<NodeName, Diagnostic>>;
  /**
   * Opens again what has ended, once the servers have ended it too: `sessions` and `metadata` have the new ones. Only
   * while nothing uses them. @throws SteepError where a server does not answer, or its steep_repl is not to be trusted.
   */
  readonly reopen: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface OpenNodesOptions {
  readonly applicationName: string;
  readonly readOnly: boolean;
  /** See SessionOptions. */
  readonly beforeCommit?: SessionOptions['beforeCommit'] | undefined;
  /** That of the process unless told. */
  readonly interrupt?: AbortSignal;
}

/** The connection string of a source, for statements that carry it to a subscriber. */
const secretsOf =
  (connections: Connections) =>
  (source: string): string => {
    const conninfo = connections.replication[source];
    if (conninfo === undefined) throw new Error(`node ${source} has no connection`);
    return conninfo.text;
  };

/** A walsender session to a node, which also takes the commands of the replication protocol. */
export const openReplication = (
  node: NodeName,
  connections: Connections,
  applicationName: string,
  runtime: RuntimeEnvironment,
): Promise<Session> =>
  openSession(conninfoOf(node, connections), {
    ...sessionOptions(node, connections, { applicationName, readOnly: false }, runtime),
    replication: 'database',
  });

const conninfoOf = (node: NodeName, { own }: Connections): Conninfo => {
  const conninfo = own[node];
  if (conninfo === undefined) throw new Error(`node ${node} has no connection`);
  return conninfo;
};

export const sessionOptions = (
  node: NodeName,
  connections: Connections,
  options: OpenNodesOptions,
  runtime: RuntimeEnvironment,
): SessionOptions => ({
  node,
  applicationName: options.applicationName,
  readOnly: options.readOnly,
  ...(options.beforeCommit === undefined ? {} : { beforeCommit: options.beforeCommit }),
  secrets: secretsOf(connections),
  ...statementOptions(node, runtime),
  ...silenceOptions(node, runtime),
  ...(options.interrupt === undefined ? {} : { interrupt: options.interrupt }),
});

/** Who hears of each statement. Where nobody does, sessions put none into the form for people: that takes as long as to send it. */
export const statementOptions = (
  node: NodeName,
  { onStatement }: RuntimeEnvironment,
): Pick<SessionOptions, 'onStatement'> =>
  onStatement === undefined ? {} : { onStatement: (statement) => onStatement(node, statement) };

/** Who hears of a server that does not answer, and when it is waited for less long. */
export const silenceOptions = (
  node: NodeName,
  runtime: RuntimeEnvironment,
): Pick<SessionOptions, 'onSilence' | 'interrupt' | 'leased'> => ({
  leased: runtime.leased === true,
  onSilence: (silence) => runtime.onSilence?.(node, silence),
  interrupt: runtime.interrupt,
});

/** A failure as a finding about its node. */
export const asDiagnostic = (error: unknown, node: NodeName): Diagnostic => {
  if (!(error instanceof SteepError)) throw error;
  return {
    severity: 'error',
    code: error.code,
    summary: `Node ${node} could not be read`,
    detail: error.message,
    suggestions: error.suggestions,
    address: `${node}/node.${node}`,
  };
};

interface Opened {
  readonly session: Session;
  readonly metadata: Session;
}

/**
 * Of a command that only reads: definitions of a table that another session alters cannot be read meanwhile, and whoever
 * owns a table could stop every report by a lock on it.
 */
const readingLockMs = 30_000;

const openNode = async (
  node: DesiredNode,
  connections: Connections,
  options: OpenNodesOptions,
  runtime: RuntimeEnvironment,
): Promise<Opened> => {
  const conninfo = conninfoOf(node.name, connections);
  const settings = {
    ...sessionOptions(node.name, connections, options, runtime),
    ...(options.readOnly ? { lockTimeoutMs: readingLockMs } : {}),
  };
  const session = await openSession(conninfo, settings);
  if (node.metadataDatabase === null) return { session, metadata: session };
  const other = conninfo.with({ dbname: node.metadataDatabase });
  try {
    return { session, metadata: await openSession(other, settings) };
  } catch (error) {
    await session.close();
    throw error;
  }
};

/**
 * Every command passes here before it looks into steep_repl: where it is kept, and where the run lock looks for it.
 * Older servers are refused later, in their own words.
 */
const assertTrusted = async (
  { session, metadata }: Opened,
  { name, metadataOwners = [], applyRole }: DesiredNode,
  { readOnly }: OpenNodesOptions,
): Promise<void> => {
  if (!isSupported(session.serverVersion)) return;
  const owners = applyRole === undefined ? metadataOwners : [...metadataOwners, applyRole];
  try {
    for (const each of new Set([metadata, session])) {
      if (applyRole !== undefined) judgeAs(each, applyRole);
      if (!readOnly) await assertActingRole(each);
      trustOwners(each, owners);
      await assertMetadataTrusted(each);
    }
  } catch (error) {
    await session.close();
    await metadata.close();
    throw toFailure(error, { node: name, doing: 'examining the role and the schema steep_repl' });
  }
};

/**
 * Connects to all nodes; those that fail, or whose steep_repl is not to be trusted, are in `unreadable`.
 */
export const openNodes = async (
  nodes: readonly DesiredNode[],
  connections: Connections,
  options: OpenNodesOptions,
  runtime: RuntimeEnvironment,
): Promise<OpenNodes> => {
  const sessions = new Map<NodeName, Session>();
  const metadata = new Map<NodeName, Session>();
  const unreadable: Record<NodeName, Diagnostic> = {};
  const open = async (node: DesiredNode): Promise<Opened> => {
    const opened = await openNode(node, connections, options, runtime);
    await assertTrusted(opened, node, options);
    sessions.set(node.name, opened.session);
    metadata.set(node.name, opened.metadata);
    return opened;
  };
  await Promise.all(
    nodes.map(async (node) => {
      try {
        await open(node);
      } catch (error) {
        unreadable[node.name] = asDiagnostic(error, node.name);
      }
    }),
  );
  const former: Session[] = [];
  const reopen = async (): Promise<void> => {
    for (const node of nodes) {
      const ended = endedOf(node.name, sessions, metadata);
      // What the run holds beside them, the run lock for one, ends with the former session.
      former.push(...ended);
      await replaceEnded(ended, () => open(node));
    }
  };
  const close = async (): Promise<void> => {
    const all = [...sessions.values(), ...metadata.values(), ...former];
    await Promise.all(all.map((session) => session.close()));
  };
  return { sessions, metadata, unreadable, reopen, close };
};

/** Both sessions of a node, where one of them has ended. */
const endedOf = (
  node: NodeName,
  ...kept: readonly ReadonlyMap<NodeName, Session>[]
): readonly Session[] => {
  const own = kept.flatMap((sessions) => sessions.get(node) ?? []);
  return own.some(({ closed }) => closed) ? own : [];
};

const replaceEnded = async (
  ended: readonly Session[],
  open: () => Promise<Opened>,
): Promise<void> => {
  if (ended.length === 0) return;
  const { session } = await open();
  await endBackends(session, ended);
};
