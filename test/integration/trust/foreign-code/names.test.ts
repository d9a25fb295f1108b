// Names and sessions that mean something else than they did: a view or a table takes the name of what steep is about to
// read, children inherit from a table, rules stand behind a DELETE, a database gives its sessions another role.

import { describe, expect, test } from 'vitest';
import { readWhichHaveRows } from '../../../../src/catalog/objects/read-rows.ts';
import { readTableEvidence } from '../../../../src/compare/read-evidence.ts';
import { findChanged } from '../../../../src/copy/check/check-tables.ts';
import { type CodeGuard, runsAnything } from '../../../../src/copy/check/code-guard.ts';
import { emptyTable } from '../../../../src/copy/fill/empty-table.ts';
import { readFilled } from '../../../../src/copy/read/read-targets.ts';
import type { Session } from '../../../../src/postgres/session.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';
import { testDatabase } from '../../../support/servers/test-database.ts';
import {
  afterQuery,
  agreesToNothing,
  copyRecords,
  items,
  replacedByView,
  whileSteepWaits,
  world,
} from './name-world.ts';
import { attackWorld } from './world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

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
      await it.database.query(copyRecords);
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

  test('DELETE in place of TRUNCATE runs no rule, and leaves rows of children by inheritance', async () => {
    const it = await world(major);
    await it.own.query(`
      CREATE TABLE app.items (id int PRIMARY KEY);
      CREATE TABLE app.refers (id int REFERENCES app.items);
      CREATE TABLE app.child () INHERITS (app.items);
      INSERT INTO app.items VALUES (1); INSERT INTO app.child VALUES (77);
      CREATE RULE r AS ON DELETE TO app.items DO ALSO SELECT evil.strike('rule');
      ALTER TABLE app.items ENABLE ALWAYS RULE r`);
    await it.database.query(copyRecords);
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
