// A database of which an untrusted role owns a schema, and ways to act just while steep waits for a lock.

import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertAgreed } from '../../../../src/catalog/foreign-code/assert-agreed.ts';
import type { CodeGuard } from '../../../../src/copy/check/code-guard.ts';
import type { Session } from '../../../../src/postgres/session.ts';
import type { Sql } from '../../../../src/postgres/sql/sql.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../../support/servers/cluster.ts';
import { testDatabase } from '../../../support/servers/test-database.ts';
import { waitFor } from '../../../support/servers/wait.ts';
import { installMetadata } from '../../catalog/metadata.ts';
import { open } from '../../copy/copy-under-test.ts';
import { weapons } from './attacks.ts';

export const agreesToNothing: CodeGuard = (session, use, tables) =>
  assertAgreed(session, use, tables, []);

export interface World {
  readonly database: TestDatabase;
  /** The same, as the role that owns the schema app. */
  readonly own: TestDatabase;
  readonly owner: string;
  readonly session: Session;
  readonly marks: () => Promise<readonly string[]>;
}

export const world = async (major: number): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), 'steep-names-'));
  // The server may run as another user.
  await chmod(folder, 0o777);
  const database = await cluster.database(major);
  const owner = `owner_${database.name}`;
  await database.query(`
    CREATE ROLE ${owner} LOGIN PASSWORD 'x';
    CREATE SCHEMA app AUTHORIZATION ${owner};
    GRANT CREATE ON DATABASE ${database.name} TO ${owner}`);
  await installMetadata(database);
  const own = testDatabase(database.conninfo.with({ user: owner, password: 'x' }), database.name);
  await own.query(weapons(folder));
  const session = await open(database.conninfo, 'target');
  onTestFinished(async () => {
    await Promise.all([own.close(), session.close()]);
    await rm(folder, { recursive: true, force: true });
  });
  return { database, own, owner, session, marks: () => readdir(folder) };
};

export const items = { schema: 'app', name: 'items' };

export const copyRecords = `
  INSERT INTO steep_repl.copy_chunks
         (subscription, table_schema, table_name, chunk, chunks, range, rows, bytes, sha256, run_id, xid)
  VALUES ('sub', 'app', 'items', 0, 1, '', 1, 1, '', 'run', pg_current_xact_id())`;

/** Does `statements` and commits them only once a session of steep waits for a lock. */
export const whileSteepWaits = async (
  { database, own, session }: World,
  statements: string,
  body: () => Promise<unknown>,
): Promise<unknown> => {
  await own.query(`BEGIN; ${statements}`);
  const outcome = body().catch((error: unknown) => error);
  await waitFor(
    'steep waits',
    async () =>
      (await database.query('SELECT FROM pg_locks WHERE pid = $1 AND NOT granted', [session.pid]))
        .length > 0,
  );
  await own.query('COMMIT');
  return outcome;
};

export const replacedByView = `
  ALTER TABLE app.items RENAME TO former;
  CREATE VIEW app.items AS SELECT '0'::xid AS xmin, 0 AS id WHERE evil.ok('view', 1)`;

/** Does something once the answer to a query that contains `text` is there. */
export const afterQuery = (
  session: Session,
  text: string,
  act: () => Promise<unknown>,
): Session => {
  const query: Session['query'] = async <Row>(statement: Sql) => {
    const rows = await session.query<Row>(statement);
    if (statement.display.includes(text)) await act();
    return rows;
  };
  const transaction: Session['transaction'] = (options, body) =>
    session.transaction(options, () => body(wrapped));
  const wrapped: Session = new Proxy(session, {
    get: (of, key) => {
      if (key === 'query') return query;
      if (key === 'transaction') return transaction;
      const value: unknown = Reflect.get(of, key, of);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  return wrapped;
};
