// A session with one server: how every statement of steep is sent. Knows SQL as a value, not what it does.
// Statements fail with pg's own errors: failures.ts puts them into words, once, where the step is known.

import type { Conninfo } from '../model/connection/conninfo.ts';
import type { SteepError } from '../model/errors.ts';
import type { Silence } from '../model/silence.ts';
import type { NodeName } from '../model/state/address.ts';
import { type Connection, connect } from './connect/connect.ts';
import { keepAlive } from './connect/keep-alive.ts';
import type { RelayOut } from './copy-relay.ts';
import type { CopyIn, CopyOut } from './copy-streams.ts';
import { failedOn, toFailure } from './failures.ts';
import type { ServerMessages } from './server-messages.ts';
import { ddl, ident, type SecretLookup, type Sql, type SqlValue, sql } from './sql/sql.ts';
import { begin, mayWrite, type TransactionOptions } from './transaction.ts';
import { lookerAt } from './watch/look-at-backends.ts';
import { watchConnection } from './watch/watch-connection.ts';

export interface SessionOptions {
  readonly node: NodeName;
  readonly applicationName: string;
  /** Every transaction is READ ONLY unless it says otherwise; the session itself sends nothing. */
  readonly readOnly?: boolean;
  /** Milliseconds that a statement waits for a lock; no limit unless told. */
  readonly lockTimeoutMs?: number;
  /** Milliseconds; the conninfo's connect_timeout, or 10 s, unless told. */
  readonly connectTimeoutMs?: number;
  /** Values of `secret()` in statements. */
  readonly secrets?: SecretLookup;
  /** Every statement before it is sent, as people may see it: secrets are `'***'`. */
  readonly onStatement?: (text: string) => void;
  /** A walsender session, which also takes the commands of the replication protocol. */
  readonly replication?: 'database';
  /** Runs in each transaction that may write, just before its COMMIT: what it throws rolls the transaction back. */
  readonly beforeCommit?: (session: Session) => Promise<void>;
  /**
   * The server answers nothing, and then: answers again, or the connection was ended. Said after ten seconds and ended
   * after tcp_user_timeout of the connection, a minute unless told. What was in flight fails with CONNECTION_LOST.
   */
  readonly onSilence?: (silence: Silence) => void;
  /** The server ends it within 30 s once its client cannot be reached. */
  readonly leased?: boolean;
  /** Aborted: the run is to end, and a server that does not answer is waited for only a few seconds. */
  readonly interrupt?: AbortSignal | undefined;
}

/** One connection; one statement at a time. */
export interface Session {
  readonly node: NodeName;
  /** Backend process id as the server (or a pooler before it) told it at the start. */
  readonly pid: number;
  /** Version as server_version_num has it, told at the start: no query is sent for it. */
  readonly serverVersion: number;
  /** The server wanted a password before it let the role in. */
  readonly passwordAsked: boolean;
  readonly closed: boolean;
  /** How many statements were sent by query and script. */
  readonly sent: number;
  /** Rows as pg parses them; int8 is a number while exact, else text; times stay text. */
  query<Row = unknown>(statement: Sql): Promise<readonly Row[]>;
  /** Several statements in one message, without parameters: a migration file of our own. */
  script(text: string): Promise<void>;
  /** COPY … TO STDOUT; the next statement waits until the stream was read to its end. */
  copyOut(statement: Sql): CopyOut;
  /** COPY … FROM STDIN; the next statement waits until the stream was ended. */
  copyIn(statement: Sql): CopyIn;
  /** COPY … TO STDOUT in the framing of the protocol, for relayIn of another session. */
  relayOut(statement: Sql): RelayOut;
  /** COPY … FROM STDIN of what a relayOut reads. Where that fails, only close() ends it. */
  relayIn(statement: Sql): CopyIn;
  /** BEGIN, body, COMMIT; ROLLBACK and rethrow when the body fails. Transactions do not nest. */
  transaction<T>(options: TransactionOptions, body: (session: Session) => Promise<T>): Promise<T>;
  /** A further session with the same server and options, which may write. close() of this one ends it too. */
  another(): Promise<Session>;
  /**
   * Cancels the statement that runs now, through a second connection; does nothing when none runs. Gives up after a
   * few seconds where the server does not answer.
   */
  cancel(): Promise<void>;
  /** Ends the server's side, through a second connection; for one that cannot be reached, or in a COPY, cancel() does nothing. */
  terminate(): Promise<void>;
  /** Calls back for each NOTIFY on the channel from now on; null: no longer. Behind some poolers none ever comes. */
  listen(channel: string, callback: (() => void) | null): Promise<void>;
  /** Calls back for each notice and warning of the server, until the function that is returned is called. */
  readonly onNotice: ServerMessages['onNotice'];
  /** Ends the connection; calling it again does nothing. */
  close(): Promise<void>;
  /** Called once when the connection ends: with the failure, or null after close(). */
  onClose(callback: (failure: SteepError | null) => void): void;
}

/**
 * Connects. No statement is sent by a read-only session: its settings travel in the startup packet.
 * @throws SteepError with exit 7 (incomplete) when the node cannot be reached or refuses.
 */
export const openSession = async (
  conninfo: Conninfo,
  options: SessionOptions,
): Promise<Session> => {
  const connection = await connect(conninfo, options);
  const session = new PgSession(connection, conninfo, options);
  session.onClose(watchConnection(connection, conninfo, options));
  await keepAlive(session, options);
  return session;
};

/** To connect, and as much again to be answered. */
const cancelMs = 3000;

class PgSession implements Session {
  readonly node: NodeName;
  readonly pid: number;
  readonly serverVersion: number;
  readonly passwordAsked: boolean;
  sent = 0;
  readonly onNotice: Session['onNotice'] = (callback) => this.#connection.onNotice(callback);
  readonly terminate = () => lookerAt(this.#conninfo, this.#options).terminate(this.pid);
  readonly copyOut = (statement: Sql) => this.#connection.copyOut(this.#copyText(statement));
  readonly copyIn = (statement: Sql) => this.#connection.copyIn(this.#copyText(statement));
  readonly relayOut = (statement: Sql) => this.#connection.relayOut(this.#copyText(statement));
  readonly relayIn = (statement: Sql) => this.#connection.relayIn(this.#copyText(statement));
  readonly #connection: Connection;
  readonly #conninfo: Conninfo;
  readonly #options: SessionOptions;
  readonly #others: Session[] = [];
  readonly #callbacks: ((failure: SteepError | null) => void)[] = [];
  #ended: { readonly failure: SteepError | null } | null = null;

  constructor(connection: Connection, conninfo: Conninfo, options: SessionOptions) {
    this.node = options.node;
    this.pid = connection.pid;
    this.serverVersion = connection.serverVersion;
    this.passwordAsked = connection.passwordAsked;
    this.#connection = connection;
    this.#conninfo = conninfo;
    this.#options = options;
    connection.onEnd((error) => this.#end(error));
  }

  get closed(): boolean {
    return this.#ended !== null;
  }

  async query<Row>(statement: Sql): Promise<readonly Row[]> {
    this.#options.onStatement?.(statement.display);
    const { text, values, single } = statement.render(this.#options.secrets ?? noSecrets);
    return this.#send<Row>(text, values, single);
  }

  async #send<Row>(
    text: string,
    values: readonly SqlValue[],
    single = false,
  ): Promise<readonly Row[]> {
    this.sent += 1;
    try {
      return await this.#connection.send<Row>(text, values, single);
    } catch (error) {
      throw failedOn(this.node, error);
    }
  }

  async script(text: string): Promise<void> {
    this.#options.onStatement?.(text);
    await this.#send(text, []);
  }

  async transaction<T>(
    options: TransactionOptions,
    body: (session: Session) => Promise<T>,
  ): Promise<T> {
    await this.query(begin(options));
    try {
      const result = await body(this);
      if (mayWrite(options, this.#options.readOnly)) await this.#options.beforeCommit?.(this);
      await this.query(ddl`COMMIT`);
      return result;
    } catch (error) {
      await this.#rollback();
      throw error;
    }
  }

  async another(): Promise<Session> {
    const { replication: _, lockTimeoutMs: __, ...options } = this.#options;
    const other = await openSession(this.#conninfo, { ...options, readOnly: false });
    this.#others.push(other);
    return other;
  }

  async cancel(): Promise<void> {
    const { node, applicationName } = this.#options;
    const other = await openSession(this.#conninfo, {
      node,
      applicationName,
      readOnly: true,
      connectTimeoutMs: cancelMs,
    });
    const timer = setTimeout(() => void other.close(), cancelMs);
    try {
      await other.query(sql`SELECT pg_catalog.pg_cancel_backend(${this.pid})`);
    } finally {
      clearTimeout(timer);
      await other.close();
    }
  }

  async listen(channel: string, callback: (() => void) | null): Promise<void> {
    this.#connection.hear(channel, callback);
    await this.query(
      callback === null ? ddl`UNLISTEN ${ident(channel)}` : ddl`LISTEN ${ident(channel)}`,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#others.map((other) => other.close()));
    if (this.closed) return;
    this.#end(null);
    await this.#connection.close();
  }

  onClose(callback: (failure: SteepError | null) => void): void {
    if (this.#ended === null) this.#callbacks.push(callback);
    else callback(this.#ended.failure);
  }

  /** COPY takes no parameters: whatever it needs is in its text. */
  #copyText(statement: Sql): string {
    this.#options.onStatement?.(statement.display);
    return statement.render(this.#options.secrets ?? noSecrets).text;
  }

  /** The error that led here matters more than a ROLLBACK that fails: the server rolls back by itself. */
  async #rollback(): Promise<void> {
    if (this.closed) return;
    await this.query(ddl`ROLLBACK`).catch(() => undefined);
  }

  #end(error: Error | null): void {
    if (this.#ended !== null) return;
    const failure =
      error === null ? null : toFailure(error, { node: this.node, doing: 'holding the session' });
    this.#ended = { failure };
    for (const callback of this.#callbacks) callback(failure);
  }
}

function noSecrets(name: string): string {
  throw new Error(`This session was given no secret ${name}.`);
}
