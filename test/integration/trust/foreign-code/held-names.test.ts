// A role that is no superuser stores rows, and the owner of the schema or of a domain changes what a name means meanwhile.

import { describe, expect, test } from 'vitest';
import { assertAgreed } from '../../../../src/catalog/foreign-code/assert-agreed.ts';
import type { Conninfo } from '../../../../src/model/connection/conninfo.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { majors } from '../../../support/servers/majors.ts';
import { testDatabase } from '../../../support/servers/test-database.ts';
import { waitFor } from '../../../support/servers/wait.ts';
import { copy, hold, open, stage } from '../../copy/copy-under-test.ts';
import { attackedAt, renamed, swap } from './renamed-world.ts';

const widest = majors.filter((major) => major === 14 || major === 18);

/** steep's role has what it needs to fill the table; the function notes who ran it where no ROLLBACK reaches. */
const world = async (major: number) => {
  const it = await stage('CREATE SCHEMA app; CREATE TABLE app.items (id int PRIMARY KEY)', [
    major,
    major,
  ]);
  const { source, target } = it;
  const [owner, role] = [`owner_${target.name}`, `steep_${target.name}`];
  await source.query('INSERT INTO app.items SELECT n FROM generate_series(1, 9) AS n');
  await target.query(`
    CREATE ROLE ${owner} LOGIN PASSWORD 'x'; CREATE ROLE ${role} LOGIN PASSWORD 'x';
    GRANT CREATE ON DATABASE ${target.name} TO ${owner};
    ALTER SCHEMA app OWNER TO ${owner}; ALTER TABLE app.items OWNER TO ${owner};
    GRANT USAGE ON SCHEMA app, steep_repl TO ${role};
    GRANT ALL ON ALL TABLES IN SCHEMA app, steep_repl TO ${role}`);
  const as = testDatabase(target.conninfo.with({ user: owner, password: 'x' }), target.name);
  onTestFinished(() => as.close());
  await as.query(`
    CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
    CREATE SEQUENCE evil.ran; GRANT ALL ON SEQUENCE evil.ran TO PUBLIC;
    CREATE FUNCTION evil.run() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN
      IF current_user <> '${owner}' THEN PERFORM nextval('evil.ran'); END IF; RETURN true; END $f$;
    CREATE FUNCTION evil.fire() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
      PERFORM evil.run(); RETURN NEW; END $f$;
    CREATE DOMAIN app.remark AS boolean;
    ALTER TABLE app.items ADD COLUMN remark app.remark;
    GRANT USAGE ON SCHEMA app TO ${role}; GRANT ALL ON app.items TO ${role}`);
  const copied = async (attack: string, how: (conninfo: Conninfo) => Conninfo) => {
    const { conninfo, state } = await attackedAt(target, /^COPY .* FROM STDIN/s, {
      database: as,
      role: owner,
      attack,
    });
    const guarded = await copy(it, await hold(it), [{ schema: 'app', name: 'items' }], {
      workers: 1,
      guard: (session, use, used) => assertAgreed(session, use, used, []),
      openTarget: () => open(how(conninfo), 'target'),
    }).then(
      () => 'copied',
      (error: Error) => error.message,
    );
    return { guarded, state: state() };
  };
  const hasRun = async (): Promise<unknown> =>
    (await target.query<{ is_called: boolean }>('SELECT is_called FROM evil.ran'))[0]?.is_called;
  return {
    target,
    role,
    copied,
    hasRun,
    asRole: (it: Conninfo) => it.with({ user: role, password: 'x' }),
  };
};

const swapped = swap('app', 'items', 'BEFORE INSERT', 'evil.fire()').replace(
  'COMMIT',
  'GRANT USAGE ON SCHEMA app TO PUBLIC; GRANT ALL ON app.items TO PUBLIC; COMMIT',
);

describe.each(widest)('PostgreSQL %i', (major) => {
  test('a superuser lends the lock of schemas to a role that is none', async () => {
    const { target, role, copied, hasRun, asRole } = await world(major);
    await target.query(`
      ALTER FUNCTION steep_repl.hold_names(name[], oid[], boolean) OWNER TO CURRENT_USER;
      GRANT EXECUTE ON FUNCTION steep_repl.hold_names(name[], oid[], boolean) TO ${role}`);
    const { guarded, state } = await copied(swapped, asRole);
    expect(state, guarded).toBe('waits');
    await renamed(target);
    expect(await hasRun()).toBe(false);
    expect(await target.query('SELECT FROM renamed.items')).toHaveLength(9);
  });

  test('the default of a domain that a column would get stays while rows are stored', async () => {
    const { target, copied, hasRun } = await world(major);
    const { guarded, state } = await copied(
      'ALTER DOMAIN app.remark SET DEFAULT evil.run()',
      (it) => it,
    );
    expect(state, guarded).toBe('waits');
    expect(await hasRun()).toBe(false);
    await waitFor(
      'the domain to have its default',
      async () =>
        (
          await target.query(
            `SELECT FROM pg_type WHERE typname = 'remark' AND typdefault IS NOT NULL`,
          )
        ).length > 0,
    );
  });
});

// What SECURITY.md says does not hold yet.
test('without that, the code runs with the few rights of the role', async () => {
  const { target, copied, hasRun, asRole } = await world(Math.max(...widest));
  expect((await copied(swapped, asRole)).state).toBe('done');
  expect(await hasRun()).toBe(true);
  expect(await target.query('SELECT FROM renamed.items')).toEqual([]);
});

test('a constraint that is added to a domain waits where it is validated, and runs where it is not', async () => {
  const { target, copied, hasRun } = await world(Math.max(...widest));
  await target.query('ALTER TABLE app.items ALTER COLUMN remark SET DEFAULT true');
  const add = 'ALTER DOMAIN app.remark ADD CHECK (evil.run())';
  expect((await copied(add, (it) => it)).state).toBe('waits');
  expect(await hasRun()).toBe(false);
  const other = await world(Math.max(...widest));
  await other.target.query('ALTER TABLE app.items ALTER COLUMN remark SET DEFAULT true');
  expect((await other.copied(`${add} NOT VALID`, (it) => it)).state).toBe('done');
  expect(await other.hasRun()).toBe(true);
});
