// Opens the one pg client behind a session and hides it. Knows neither SQL nor transactions.

import { Client } from 'pg';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import { sqlState, toFailure } from '../failures.ts';
import { listenersOf, type ServerMessages } from '../server-messages.ts';
import type { SqlValue } from '../sql/sql.ts';
import { parseServerVersion } from '../versions.ts';
import { countTraffic, type Traffic } from '../watch/traffic.ts';
import { authenticationPolicy, guardAuthentication } from './authentication.ts';
import { clientConfig } from './client-config.ts';
import { withEnvironment } from './libpq-environment.ts';
import { guardMessages, protocolViolation } from './message-guard.ts';
import { type RowStreams, rowStreamsOf } from './row-streams.ts';
import { type TlsAttempt, tlsAttempts } from './tls.ts';

/** What a session needs of pg. */
export interface Connection extends ServerMessages, Omit<RowStreams, 'isCut'> {
  readonly pid: number;
  readonly serverVersion: number;
  /** The server wanted a password before it let the role in. */
  readonly passwordAsked: boolean;
  /** `single`: the server refuses a text that is more than one statement. */
  send<Row>(text: string, values: readonly SqlValue[], single?: boolean): Promise<readonly Row[]>;
  readonly traffic: Traffic;
  /** Takes two seconds at most: a server that does not hear the farewell is not waited for. */
  close(): Promise<void>;
  /** Ends the connection at once, without telling the server: whatever is in flight fails with this. */
  destroy(error: Error): void;
  /** Called at most once; null: it ended in order. */
  onEnd(callback: (error: Error | null) => void): void;
}

export interface ConnectOptions {
  readonly node: NodeName;
  readonly applicationName: string;
  readonly readOnly?: boolean;
  readonly lockTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly replication?: 'database';
  /** Aborted: the run is to end, and no connection is waited for as long as otherwise. */
  readonly interrupt?: AbortSignal | undefined;
}

const closeMs = 2000;

/** Of a connection that is made after an interrupt, or while it comes. */
const hurriedConnectMs = 3000;

/** @throws SteepError with exit 7 (incomplete): whatever was asked about this node is unknown. */
export const connect = async (conninfo: Conninfo, options: ConnectOptions): Promise<Connection> => {
  try {
    const full = withEnvironment(conninfo, process.env);
    return await tryEach(full, options, await tlsAttempts(full));
  } catch (error) {
    const doing = `connecting to ${conninfo.endpoint}`;
    throw toFailure(error, { node: options.node, doing, exit: ExitCode.incomplete });
  }
};

async function tryEach(
  conninfo: Conninfo,
  options: ConnectOptions,
  [attempt = false, ...others]: readonly TlsAttempt[],
): Promise<Connection> {
  try {
    return await connectOnce(conninfo, options, attempt);
  } catch (error) {
    if (others.length === 0 || !isAboutTls(error)) throw error;
    return tryEach(conninfo, options, others);
  }
}

/** The server speaks no TLS, or pg_hba.conf wants the other kind of connection. */
function isAboutTls(error: unknown): boolean {
  return (
    sqlState(error) === '28000' || (error instanceof Error && /SSL connection/.test(error.message))
  );
}

async function connectOnce(
  conninfo: Conninfo,
  options: ConnectOptions,
  tls: TlsAttempt,
): Promise<Connection> {
  const client = newClient(conninfo, options, tls);
  const ended = watchEnd(client);
  const greeting = readGreeting(client);
  const refusal = guardAuthentication(client.connection, authenticationPolicy(conninfo, tls));
  guardMessages(client.connection, options.node);
  const inTurn = makeTurns();
  const traffic = countTraffic(() => client.connection.stream);
  const copies = rowStreamsOf(client, traffic);
  try {
    await hurried(client, options.interrupt, () => client.connect());
    const refused = refusal();
    if (refused !== null) throw refused;
  } catch (error) {
    // Where pg itself gave up, as on a missing password, the socket would keep the process alive.
    client.end().catch(() => undefined);
    throw refusal() ?? error;
  }
  return {
    ...greeting(),
    onEnd: ended,
    ...listenersOf(client),
    send: async <Row>(text: string, values: readonly SqlValue[], single = false) => {
      // Without values pg uses the simple protocol, which walsenders and scripts need.
      const plain = values.length === 0 ? text : { text, values: [...values] };
      const query = single ? { text, values: [...values], queryMode: 'extended' } : plain;
      const answer = traffic.statement(inTurn(() => client.query(query)));
      const result = await answer.catch((error) => Promise.reject(readable(error, options.node)));
      return result.rows as readonly Row[];
    },
    ...copies,
    traffic,
    close: () => closeSoon(client, copies.isCut()),
    destroy: (error) => void client.connection.stream.destroy(error),
  };
}

/** pg parses nothing but values of the type json. */
const readable = (error: unknown, node: NodeName): unknown =>
  error instanceof SyntaxError
    ? protocolViolation(node, 'a value of the type json that is none', error)
    : error;

async function closeSoon(client: Client, isCut: boolean): Promise<void> {
  if (isCut) client.connection.stream.destroy();
  const timer = setTimeout(() => client.connection.stream.destroy(), closeMs);
  try {
    await client.end();
  } finally {
    clearTimeout(timer);
  }
}

/** Connects; from an interrupt on, it has a few seconds. */
async function hurried(
  client: Client,
  interrupt: AbortSignal | undefined,
  connecting: () => Promise<unknown>,
): Promise<void> {
  let timer: NodeJS.Timeout | null = null;
  const hurry = (): void => {
    timer = setTimeout(
      () => client.connection.stream.destroy(new Error('timeout expired')),
      hurriedConnectMs,
    );
  };
  if (interrupt?.aborted === true) hurry();
  interrupt?.addEventListener('abort', hurry);
  try {
    await connecting();
  } finally {
    if (timer !== null) clearTimeout(timer);
    interrupt?.removeEventListener('abort', hurry);
  }
}

const newClient = (conninfo: Conninfo, options: ConnectOptions, tls: TlsAttempt): Client => {
  const {
    applicationName,
    readOnly = false,
    lockTimeoutMs = 0,
    connectTimeoutMs = null,
    replication = null,
  } = options;
  const settings = { applicationName, readOnly, lockTimeoutMs, connectTimeoutMs, replication };
  return new Client(clientConfig(conninfo, settings, tls));
};

/** One statement after the other: pg keeps at most one that waits, behind a COPY, and warns of more. */
function makeTurns(): <T>(submit: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> | null = null;
  return <T>(submit: () => Promise<T>): Promise<T> => {
    const mine = last === null ? submit() : last.then(submit);
    const over = mine.then(
      () => undefined,
      () => undefined,
    );
    last = over;
    void over.then(() => {
      if (last === over) last = null;
    });
    return mine;
  };
}

/**
 * Without a listener, an error of an idle client would end the process. pg sends nothing more to a server that has reported
 * one, and would leave the connection open if the server does.
 */
function watchEnd(client: Client): (callback: (error: Error | null) => void) => void {
  let lost: Error | null = null;
  let notify: ((error: Error | null) => void) | null = null;
  client.on('error', (error) => {
    lost ??= error;
    client.connection.stream.destroy();
    notify?.(lost);
  });
  client.on('end', () => notify?.(lost));
  return (callback) => {
    notify = callback;
    if (lost !== null) callback(lost);
  };
}

/** What the server says of itself before the first statement; pg passes these messages on as events. */
function readGreeting(
  client: Client,
): () => Pick<Connection, 'pid' | 'serverVersion' | 'passwordAsked'> {
  let pid = 0;
  let version = '';
  let passwordAsked = false;
  for (const request of passwordRequests) {
    client.connection.on(request, () => {
      passwordAsked = true;
    });
  }
  client.connection.on('backendKeyData', (message: { readonly processID: number }) => {
    pid = message.processID;
  });
  client.connection.on(
    'parameterStatus',
    (message: { readonly parameterName: string; readonly parameterValue: string }) => {
      if (message.parameterName === 'server_version') version = message.parameterValue;
    },
  );
  return () => ({ pid, serverVersion: parseServerVersion(version), passwordAsked });
}

const passwordRequests = [
  'authenticationCleartextPassword',
  'authenticationMD5Password',
  'authenticationSASL',
];
