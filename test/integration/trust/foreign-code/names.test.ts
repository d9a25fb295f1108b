// Names and sessions that mean something else than they did: a view or a table takes the name of what steep is about to
// read, children inherit from a table, rules stand behind a DELETE, a database gives its sessions another role.

import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assertAgreed } from '../../../../src/catalog/foreign-code/assert-agreed.ts';
import { readWhichHaveRows } from '../../../../src/catalog/read-rows.ts';
import { readTableEvidence } from '../../../../src/compare/read-evidence.ts';
import { advanceSequences, readSequencePositions } from '../../../../src/copy/advance-sequences.ts';
import { findChanged } from '../../../../src/copy/check-tables.ts';
import { type CodeGuard, runsAnything } from '../../../../src/copy/code-guard.ts';
import { emptyTable } from '../../../../src/copy/empty-table.ts';
import { readFilled } from '../../../../src/copy/read-targets.ts';
import type { Session } from '../../../../src/postgres/session.ts';
import type { Sql } from '../../../../src/postgres/sql.ts';
import { onTestFinished } from '../../../support/clean-up.ts';
import { cluster, type TestDatabase } from '../../../support/cluster.ts';
import { majors } from '../../../support/majors.ts';
import { testDatabase } from '../../../support/test-database.ts';
import { waitFor } from '../../../support/wait.ts';
import { installMetadata } from '../../catalog/metadata.ts';
import { open } from '../../copy/copy-under-test.ts';
import { weapons } from './attacks.ts';
import { attackWorld } from './world.ts';

const widest = majors.filter((major) => major === 14 || major === 18);

const agreesToNothing: CodeGuard = (session, use, tables) => assertAgreed(session, use, tables, []);

interface World {
  readonly database: TestDatabase;
  /** The same, as the role that owns the schema app. */
  readonly own: TestDatabase;
  readonly owner: string;
  readonly session: Session;
  readonly marks: () => Promise<readonly string[]>;
}

const world = async (major: number): Promise<World> => {
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

const items = { schema: 'app', name: 'items' };

const ledger = `
  INSERT INTO steep_repl.copy_chunks
         (subscription, table_schema, table_name, chunk, chunks, range, rows, bytes, sha256, run_id, xid)
  VALUES ('sub', 'app', 'items', 0, 1, '', 1, 1, '', 'run', pg_current_xact_id())`;

/** Does `statements` and commits them only once a session of steep waits for a lock. */
const whileSteepWaits = async (
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

const replacedByView = `
  ALTER TABLE app.items RENAME TO former;
  CREATE VIEW app.items AS SELECT '0'::xid AS xmin, 0 AS id WHERE evil.ok('view', 1)`;

/** Does something once the answer to a query that contains `text` is there. */
const afterQuery = (session: Session, text: string, act: () => Promise<unknown>): Session => {
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

/** What reads a table by its name. */
const readers: Readonly<Record<string, (session: Session) => Promise<unknown>>> = {
  'the rows of tables that are to be filled': (session) =>
    readFilled(session, [items], agreesToNothing),
  'the check of copied rows': (session) => findChanged(session, 'sub', [items], agreesToNothing),
  'the evidence of rows': (session) =>
    session.transaction({ readOnly: true }, () =>
      readTableEvidence(session, { table: items, columns: [], where: null }, 'counts'),
    ),
};

describe.each(widest)('PostgreSQL %i', (major) => {
  test('a view that takes the name of a table while steep waits for its lock is not read', async () => {
    const it = await world(major);
    for (const [name, read] of Object.entries(readers)) {
      await it.own.query('CREATE TABLE app.items (id int PRIMARY KEY)');
      await it.database.query(ledger);
      const outcome = await whileSteepWaits(it, replacedByView, () => read(it.session));
      expect(outcome, name).toMatchObject({ code: 'TABLE_REPLACED' });
      expect(await it.marks(), name).toEqual([]);
      await it.database.query(
        'DROP VIEW app.items; DROP TABLE app.former; DELETE FROM steep_repl.copy_chunks',
      );
    }
  });

  test('a view that takes the name of a table between two statements of a plan is not read', async () => {
    const it = await world(major);
    await it.own.query('CREATE TABLE app.items (id int PRIMARY KEY)');
    const session = afterQuery(it.session, 'row_security_active', () =>
      it.own.query(replacedByView),
    );
    await expect(readWhichHaveRows(session, [items])).rejects.toMatchObject({
      code: 'TABLE_REPLACED',
    });
    expect(await it.marks()).toEqual([]);
  });

  test('a view or a table that takes the name of a sequence is not read', async () => {
    const it = await world(major);
    await it.own.query(`
      CREATE TYPE evil.number AS (x int);
      CREATE FUNCTION evil.of(evil.number) RETURNS int8 LANGUAGE plpgsql IMMUTABLE AS
        $f$ BEGIN PERFORM evil.ok('cast', 1); RETURN 5; END $f$;
      CREATE CAST (evil.number AS int8) WITH FUNCTION evil.of(evil.number) AS IMPLICIT;
      CREATE FUNCTION evil.text_of(evil.number) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
        $f$ BEGIN PERFORM evil.ok('cast', 1); RETURN '5'; END $f$;
      CREATE CAST (evil.number AS text) WITH FUNCTION evil.text_of(evil.number);
      CREATE SEQUENCE app.numbers;
      CREATE TABLE app.items (id int8 PRIMARY KEY DEFAULT nextval('app.numbers'))`);
    const takesName = {
      view: `CREATE VIEW app.numbers AS SELECT 0::int8 AS last_value, false AS is_called WHERE evil.ok('view', 1)`,
      table: `CREATE TABLE app.numbers (last_value evil.number, is_called bool);
              INSERT INTO app.numbers VALUES (ROW(1), true)`,
    };
    const feeds = '["app", "items", "id"]';
    const uses = {
      source: () => readSequencePositions(it.session, [items]),
      target: () =>
        advanceSequences(
          it.session,
          [items],
          [{ schema: 'app', name: 'numbers', feeds, value: '9', called: true }],
        ),
    };
    for (const [end, use] of Object.entries(uses)) {
      for (const [kind, statement] of Object.entries(takesName)) {
        const outcome = await whileSteepWaits(
          it,
          `ALTER SEQUENCE app.numbers RENAME TO former; ${statement}`,
          use,
        );
        expect(outcome, `${end}, ${kind}`).toMatchObject({ code: 'TABLE_REPLACED' });
        expect(await it.marks(), `${end}, ${kind}`).toEqual([]);
        await it.own.query(`DROP ${kind} app.numbers; ALTER SEQUENCE app.former RENAME TO numbers`);
      }
    }
    expect(await it.own.query('SELECT last_value FROM app.numbers')).toEqual([{ last_value: '1' }]);
    await uses.target();
    expect(await it.own.query('SELECT last_value FROM app.numbers')).toEqual([{ last_value: '9' }]);
  });

  test('a sequence of another role is set only where the owner of the table may set it', async () => {
    const it = await world(major);
    const victim = `victim_${it.database.name}`;
    await it.database.query(`
      CREATE ROLE ${victim};
      CREATE SCHEMA theirs; GRANT USAGE ON SCHEMA theirs TO PUBLIC;
      CREATE SEQUENCE theirs.invoices; ALTER SEQUENCE theirs.invoices OWNER TO ${victim}`);
    await it.own.query(`
      CREATE TABLE app.items (id serial PRIMARY KEY, number int8 DEFAULT nextval('theirs.invoices'))`);
    const position = (column: string) => ({
      schema: 'app',
      name: 'any',
      feeds: `["app", "items", "${column}"]`,
      value: '7000',
      called: true,
    });
    const advance = () =>
      advanceSequences(it.session, [items], [position('id'), position('number')]);
    const values = () =>
      it.database.query(`SELECT (SELECT last_value FROM app.items_id_seq)::text AS own,
                                (SELECT last_value FROM theirs.invoices)::text AS theirs`);
    await expect(advance()).rejects.toMatchObject({
      code: 'SEQUENCE_OF_OTHERS',
      message: expect.stringContaining('theirs.invoices for app.items.number'),
    });
    expect(await values()).toEqual([{ own: '7000', theirs: '1' }]);
    await it.database.query(`GRANT UPDATE ON SEQUENCE theirs.invoices TO ${it.owner}`);
    await advance();
    expect(await values()).toEqual([{ own: '7000', theirs: '7000' }]);
    // What is ahead by then is left, and never set back.
    await it.database.query(`SELECT setval('theirs.invoices', 9000, false)`);
    await advance();
    expect(await values()).toEqual([{ own: '7000', theirs: '9000' }]);
  });

  test('DELETE in place of TRUNCATE runs no rule, and leaves rows of children by inheritance', async () => {
    const it = await world(major);
    await it.own.query(`
      CREATE TABLE app.items (id int PRIMARY KEY);
      CREATE TABLE app.refers (id int REFERENCES app.items);
      CREATE TABLE app.child () INHERITS (app.items);
      INSERT INTO app.items VALUES (1); INSERT INTO app.child VALUES (77);
      CREATE RULE r AS ON DELETE TO app.items DO ALSO SELECT evil.strike('rule');
      ALTER TABLE app.items ENABLE ALWAYS RULE r`);
    await it.database.query(ledger);
    const ids = () => it.database.query('SELECT id FROM app.items ORDER BY id');
    const empty = (guard: CodeGuard) =>
      emptyTable(it.session, { subscription: 'sub', guard }, items);
    await it.session.script('SET session_replication_role = replica');
    await expect(empty(agreesToNothing)).rejects.toMatchObject({
      code: 'RUNS_FOREIGN_CODE',
      message: expect.stringContaining(`statements of a rule of role ${it.owner} (rule r)`),
    });
    expect(await it.marks()).toEqual([]);
    await it.own.query(`
      CREATE OR REPLACE RULE r AS ON DELETE TO app.items DO INSTEAD NOTHING`);
    await expect(empty(runsAnything)).rejects.toMatchObject({ code: 'COPY_NOT_EMPTIED' });
    expect(await ids()).toEqual([{ id: 1 }, { id: 77 }]);
    expect(await it.database.query('SELECT FROM steep_repl.copy_chunks')).toHaveLength(1);
    await it.own.query('DROP RULE r ON app.items');
    await empty(agreesToNothing);
    expect(await ids()).toEqual([{ id: 77 }]);
    expect(await it.database.query('SELECT FROM steep_repl.copy_chunks')).toEqual([]);
  });

  test('checks of partitions are not folded where a parent is read with a filter', async () => {
    const it = await world(major);
    await it.own.query(`
      CREATE TABLE app.items (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE app.part PARTITION OF app.items FOR VALUES FROM (0) TO (100);
      ALTER TABLE app.part ADD CHECK (evil.one('check') > 0)`);
    const evidence = await it.session.transaction({ readOnly: true }, () =>
      readTableEvidence(it.session, { table: items, columns: [], where: 'id > 0' }, 'counts'),
    );
    expect(evidence.rows).toBe(0);
    expect(await it.marks()).toEqual([]);
  });

  test('children by inheritance, and a role that the database gives to sessions: nothing runs in plan', {
    timeout: 600_000,
  }, async () => {
    const it = await attackWorld(major, { fills: [], scans: [] }, (slot) => ({
      publications: { feed: { node: 'source', tables: ['app.parent'] } },
      subscriptions: { feed: { node: 'target', source: 'source', publications: ['feed'], slot } },
    }));
    const { project, target, source, as, owner, marks } = it;
    await source.query(
      `CREATE TABLE app.parent (id int PRIMARY KEY); INSERT INTO app.parent VALUES (1)`,
    );
    await as.target.query(`
      CREATE TABLE app.parent (id int PRIMARY KEY);
      CREATE TABLE app.child () INHERITS (app.parent);
      INSERT INTO app.parent VALUES (99); INSERT INTO app.child VALUES (77)`);
    await as.target.query(`CREATE INDEX ON app.child ((id + evil.one('child')))`);
    expect(await marks()).toEqual([]);
    const first = await project.steep('plan');
    expect(first.stdout).toContain('COPY_INTO_NONEMPTY');
    expect(first.stdout).not.toContain('RUNS_FOREIGN_CODE');
    expect(await marks()).toEqual([]);

    await as.target.query(`CREATE INDEX role_i ON app.parent ((id + evil.one('role')))`);
    await target.query(`ALTER DATABASE ${target.name} SET role = ${owner}`);
    const second = await project.steep('plan', '--json');
    expect(JSON.parse(second.stdout).observed.hazards).toHaveProperty(
      ['RUNS_FOREIGN_CODE target/copy.feed:app.parent'],
      expect.stringContaining(`evil.one(text) of role ${owner} (index role_i)`),
    );
    expect(await marks()).toEqual([]);
    await as.target.query('DROP INDEX app.role_i');

    // Rows of a child are none of the table: it is empty, and a copy fills it alone.
    await as.target.query('DELETE FROM ONLY app.parent');
    const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
    expect(code, stdout + stderr).toBe(0);
    expect(await marks()).toEqual([]);
    await as.target.close();
    const superuser = target.conninfo.with({ options: '-c role=none' });
    const looked = testDatabase(superuser, target.name);
    await looked.query('DROP INDEX app.child_expr_idx');
    expect(await looked.query('SELECT id FROM app.parent ORDER BY id')).toEqual([
      { id: 1 },
      { id: 77 },
    ]);
    await looked.close();
  });
});
