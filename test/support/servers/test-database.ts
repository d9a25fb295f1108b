// A database of one test, with a plain connection of its own: tests look at servers without steep's eyes.

import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { waitFor } from './wait.ts';

export interface TestDatabase {
  readonly name: string;
  readonly conninfo: Conninfo;
  /** `postgresql://…` with the password. */
  readonly url: string;
  /** Rows of one statement, or of the last of several without values. Connects at first use. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Drops its subscriptions without asking their publishers. */
  dropSubscriptions(): Promise<void>;
  /** Ends the plain connection, until the next query. */
  close(): Promise<void>;
  /** Drops it, with its subscriptions and slots, even while sessions are connected. Again: does nothing. */
  drop(): Promise<void>;
}

/** A fresh database made of template0, which has no other connections. */
export async function createTestDatabase(
  superuser: Conninfo,
  major: number,
  tablespace = 'pg_default',
): Promise<TestDatabase> {
  const name = `test_${randomBytes(5).toString('hex')}`;
  const strategy = major < 15 ? '' : quietStrategy;
  await superuserOn(superuser).query(
    `CREATE DATABASE ${name} TEMPLATE template0 TABLESPACE ${tablespace} ${strategy}`,
  );
  return testDatabase(superuser, name);
}

/**
 * As 14 always does it. The other one writes 7 MB of WAL for each database, by which every subscription of
 * the server lags for a moment: lag is counted of all WAL.
 */
const quietStrategy = 'STRATEGY file_copy';

/** A handle on a database that is there. */
export function testDatabase(superuser: Conninfo, name: string): TestDatabase {
  const conninfo = superuser.with({ dbname: name });
  const connection = new Connection(conninfo);
  let dropped = false;
  const dropSubscriptions = async (): Promise<void> => {
    if (!dropped) await detachSubscriptions(connection);
  };
  return {
    name,
    conninfo,
    url: urlOf(conninfo),
    query: (text, values = []) => connection.query(text, values),
    dropSubscriptions,
    close: () => connection.close(),
    drop: async () => {
      if (dropped) return;
      await dropSubscriptions();
      dropped = true;
      await connection.close();
      await dropSlots(superuserOn(superuser), name);
      await superuserOn(superuser).query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** The URI of a connection: what users write into environment variables. */
export function urlOf(conninfo: Conninfo): string {
  const [user, password, database] = ['user', 'password', 'dbname'].map((keyword) =>
    encodeURIComponent(conninfo.get(keyword) ?? ''),
  );
  return `postgresql://${user}:${password}@${conninfo.get('host')}:${conninfo.get('port')}/${database}`;
}

/** One client, re-created after its server went away; one statement at a time, in the order they were asked for. */
class Connection {
  readonly #conninfo: Conninfo;
  #client: Promise<Client> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(conninfo: Conninfo) {
    this.#conninfo = conninfo;
  }

  query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const send = (): Promise<Row[]> => this.#send(text, values);
    const sent = this.#last.then(send, send);
    this.#last = sent;
    return sent;
  }

  async #send<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    this.#client ??= this.#connect();
    const client = await this.#client.catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    const result: unknown =
      values.length > 0 ? await client.query(text, [...values]) : await client.query(text);
    const last = (Array.isArray(result) ? result.at(-1) : result) as { readonly rows: Row[] };
    return last.rows;
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    await client?.end();
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: urlOf(this.#conninfo),
      application_name: 'test',
    });
    client.on('error', () => {
      this.#client = null;
    });
    return client.connect().then(() => client);
  }
}

/** By where they go to: one of each server is enough, and a connection costs more than most statements. */
const superusers = new Map<string, Connection>();

function superuserOn(conninfo: Conninfo): Connection {
  const connection = superusers.get(conninfo.text) ?? new Connection(conninfo);
  superusers.set(conninfo.text, connection);
  return connection;
}

/** Ends the connections that databases were made and dropped through. */
export async function closeSuperusers(): Promise<void> {
  await Promise.all([...superusers.values()].map((connection) => connection.close()));
}

/** With a slot name, DROP SUBSCRIPTION would go to the publisher, which may be gone. */
async function detachSubscriptions(connection: Connection): Promise<void> {
  const subscriptions = await connection.query<{ readonly oid: number; readonly subname: string }>(
    `SELECT oid, subname FROM pg_catalog.pg_subscription
      WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`,
  );
  for (const { oid, subname } of subscriptions) {
    const name = escapeIdentifier(subname);
    await connection.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
    // A slot of a table that is being created here waits for DROP SUBSCRIPTION to end, which waits for that slot.
    await connection.query(
      `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_replication
        WHERE application_name LIKE $1`,
      [`pg\\_${oid}\\_sync\\_%`],
    );
    await connection.query(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
    await connection.query(`DROP SUBSCRIPTION ${name}`);
  }
}

/** A slot stays active for a moment after its walsender was told to end. */
async function dropSlots(superuser: Connection, database: string): Promise<void> {
  await waitFor(`the slots of ${database} to be dropped`, async () => {
    const left = await superuser.query(
      `SELECT pg_catalog.pg_terminate_backend(active_pid) FROM pg_catalog.pg_replication_slots
        WHERE database = $1 AND active`,
      [database],
    );
    if (left.length > 0) return false;
    await superuser
      .query(
        `SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots
          WHERE database = $1`,
        [database],
      )
      .catch(() => undefined);
    const { length } = await superuser.query(
      'SELECT 1 FROM pg_catalog.pg_replication_slots WHERE database = $1',
      [database],
    );
    return length === 0;
  });
}
