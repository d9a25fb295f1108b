// What a copy refuses before it changes anything.

import { describe, expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { copy, hold, open, subscription } from './copy-under-test.ts';
import { expectExact, filled, tables } from './two-tables.ts';

describe('nothing is changed', () => {
  const cases = [
    {
      change: 'INSERT INTO small VALUES (-1), (-2)',
      back: 'TRUNCATE small',
      code: 'COPY_TARGET_NOT_EMPTY',
      text: 'public.small (2 rows)',
    },
    {
      change: 'ALTER TABLE small RENAME note TO other',
      back: 'ALTER TABLE small RENAME other TO note',
      code: 'COPY_UNFIT',
      text: 'public.small does not have note',
    },
    {
      change: `ALTER TABLE small DROP note, ADD note text GENERATED ALWAYS AS ('n') STORED`,
      back: 'ALTER TABLE small ALTER note DROP EXPRESSION',
      code: 'COPY_UNFIT',
      text: 'public.small generates note itself',
    },
    {
      change: 'ALTER TABLE small SET UNLOGGED',
      back: 'ALTER TABLE small SET LOGGED',
      code: 'COPY_UNFIT',
      text: 'public.small is unlogged',
    },
    {
      change: 'ALTER TABLE small RENAME TO elsewhere',
      back: 'ALTER TABLE elsewhere RENAME TO small',
      code: 'COPY_UNFIT',
      text: 'public.small is missing',
    },
    {
      change: `INSERT INTO steep_repl.copy_chunks VALUES ('${subscription}', 'public', 'small', 0, 1, '', 0, 0, '', 'run-0')`,
      back: 'TRUNCATE steep_repl.copy_chunks',
      code: 'COPY_BEGUN',
      text: subscription,
    },
  ];

  test('where a table does not fit, is not empty, or was begun before', async () => {
    const it = await filled();
    const snapshot = await hold(it);
    for (const { change, back, code, text } of cases) {
      await it.target.query(change);
      await expect(copy(it, snapshot, tables), change).rejects.toMatchObject({
        code,
        message: expect.stringContaining(text) as unknown,
      });
      await it.target.query(back);
      expect(await it.target.query('SELECT 1 FROM large')).toEqual([]);
      expect(await it.target.query('SELECT 1 FROM steep_repl.copy_postponed')).toEqual([]);
    }
    await copy(it, snapshot, tables);
    await expectExact(it);
  });

  test('where triggers would fire, since the role may not switch them off', async () => {
    const it = await filled();
    const role = `copier_${it.target.name}`;
    await it.target.query(`
      CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT ALL ON SCHEMA public TO ${role};
      ALTER TABLE large OWNER TO ${role}; ALTER TABLE small OWNER TO ${role};
      GRANT USAGE ON SCHEMA steep_repl TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA steep_repl TO ${role};
      CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER fires BEFORE INSERT ON small FOR EACH ROW EXECUTE FUNCTION fire()`);
    onTestFinished(() =>
      it.target.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`).then(() => undefined),
    );
    const openTarget = () => open(it.target.conninfo.with({ user: role, password: 'x' }), 'target');
    await expect(copy(it, await hold(it), tables, { openTarget })).rejects.toMatchObject({
      code: 'COPY_TRIGGERS',
      message: expect.stringContaining('public.small (fires)') as unknown,
      suggestions: expect.arrayContaining([
        `From PostgreSQL 15, as a superuser of node target: GRANT SET ON PARAMETER session_replication_role TO ${role};`,
      ]) as unknown,
    });
    await it.target.query('DROP TRIGGER fires ON small');
    const again = { ...it, slot: `${it.slot}_2` };
    await copy(again, await hold(again), tables, { openTarget });
    await expectExact(it);
  });
});

test('a role that may make nothing in the schema fills tables with their indexes in place', async () => {
  const it = await filled();
  const role = `filler_${it.target.name}`;
  await it.target.query(`
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA public TO ${role};
    CREATE INDEX large_by_note ON large (note);
    ALTER TABLE large OWNER TO ${role}; ALTER TABLE small OWNER TO ${role};
    GRANT USAGE ON SCHEMA steep_repl TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA steep_repl TO ${role}`);
  onTestFinished(() =>
    it.target.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`).then(() => undefined),
  );
  const openTarget = () => open(it.target.conninfo.with({ user: role, password: 'x' }), 'target');
  await copy(it, await hold(it), tables, { openTarget });
  await expectExact(it);
  const indexes = await it.target.query(`SELECT FROM pg_indexes WHERE indexname = 'large_by_note'`);
  expect(indexes).toHaveLength(1);
});
