// While rows are stored, the owner of a table attaches no partition to it and makes no index concurrently: both take a
// lock that COPY alone leaves room for. What is attached would run with the rights of steep, which is superuser here.

import { describe, expect, test } from 'vitest';
import { assertAgreed } from '../../../../src/catalog/foreign-code/assert-agreed.ts';
import type { CopyRequest } from '../../../../src/copy/copy-tables.ts';
import type { Session } from '../../../../src/postgres/session.ts';
import { onTestFinished } from '../../../support/clean-up.ts';
import { majors } from '../../../support/majors.ts';
import { waitFor } from '../../../support/wait.ts';
import { type CopyStage, copy, hold, names, open, stage } from '../../copy/copy-under-test.ts';

const widest = majors.filter((major) => major === 14 || major === 18);

const tables = ['first', 'plain', 'parted', 'large'];
const large = 3000;

/** The function notes in a sequence, which no ROLLBACK takes back, that it has run as a superuser. */
const weapons = `
  CREATE SEQUENCE public.ran;
  CREATE FUNCTION public.evil(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN PERFORM nextval('public.ran'); END IF;
    RETURN 'x'; END $f$;
  CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
    PERFORM public.evil('x'); RETURN NEW; END $f$;
  CREATE TABLE public.late (id int NOT NULL PRIMARY KEY, note text, CHECK (id = 2));
  CREATE TRIGGER late BEFORE INSERT ON public.late FOR EACH ROW EXECUTE FUNCTION public.fire();
  ALTER TABLE public.late ENABLE ALWAYS TRIGGER late`;

interface World {
  readonly it: CopyStage;
  readonly owner: string;
  /** Sessions of the owner: one that stops the copy in the middle of a load, and one that attacks then. */
  readonly blocker: Session;
  readonly attacker: Session;
  /** A slot waits for transactions of its server to end: it is made before the blocker begins one. */
  readonly prepared: (
    ...on: readonly string[]
  ) => Promise<(workers?: number, changes?: Partial<CopyRequest>) => ReturnType<typeof copy>>;
  readonly hasRun: () => Promise<unknown>;
}

async function attackWorld(major: number): Promise<World> {
  const it = await stage(
    tables.map((name) => `CREATE TABLE ${name} (id int PRIMARY KEY, note text)`).join(';'),
    [major, major],
  );
  const owner = `owner_${it.target.name}`;
  await it.source.query(`
    INSERT INTO first VALUES (1, 'x'); INSERT INTO plain VALUES (1, 'x'); INSERT INTO parted VALUES (1, 'x'), (2, 'x');
    INSERT INTO large SELECT n, repeat('x', 1000) FROM generate_series(1, ${large}) AS n; ANALYZE`);
  await it.target.query(`
    DROP TABLE parted;
    CREATE TABLE parted (id int PRIMARY KEY, note text) PARTITION BY LIST (id);
    CREATE TABLE one PARTITION OF parted FOR VALUES IN (1);
    CREATE ROLE ${owner} LOGIN PASSWORD 'x';
    GRANT ALL ON SCHEMA public TO ${owner};
    ${[...tables, 'one'].map((name) => `ALTER TABLE ${name} OWNER TO ${owner};`).join('')}`);
  const as = it.target.conninfo.with({ user: owner, password: 'x' });
  const [blocker, attacker] = [await open(as, 'owner'), await open(as, 'owner')];
  onTestFinished(async () => {
    await Promise.all([blocker.close(), attacker.close()]);
  });
  await attacker.script(weapons);
  return {
    it,
    owner,
    blocker,
    attacker,
    prepared: async (...on) => {
      const snapshot = await hold(it);
      return (workers = 1, changes = {}) => {
        const running = copy(it, snapshot, names(...on), {
          workers,
          guard: (session, use, used) => assertAgreed(session, use, used, []),
          tuning: { chunkBytes: 256 * 1024, postponeFromBytes: 1e9 },
          ...changes,
        });
        running.catch(() => undefined);
        return running;
      };
    },
    hasRun: async () =>
      (await it.target.query<{ is_called: boolean }>('SELECT is_called FROM ran'))[0]?.is_called,
  };
}

const waitsFor = async (it: CopyStage, locktype: string, pid: number | null): Promise<boolean> =>
  (await waitingFor(it, locktype, pid)) > 0;

const waitingFor = async (
  it: CopyStage,
  locktype: string,
  pid: number | null = null,
): Promise<number> =>
  (
    await it.target.query(
      `SELECT FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
        WHERE a.datname = current_database() AND NOT l.granted AND l.locktype = $1 AND ($2::int IS NULL OR pid = $2)`,
      [locktype, pid],
    )
  ).length;

/** Who has the lock that keeps the table as it is. */
const keeperOf = async (it: CopyStage, table: string): Promise<number | null> => {
  const [row] = await it.target.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE granted AND mode = 'ShareUpdateExclusiveLock' AND relation = $1::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [table],
  );
  return row?.pid ?? null;
};

/** Starts the statement; returns once it waits for the lock of the table, or is over. */
const attackWith = async ({ it, attacker }: World, statement: string) => {
  let over: string | null = null;
  const ended = attacker.script(statement).then(
    () => 'done',
    (error: Error) => error.message,
  );
  void ended.then((how) => {
    over = how;
  });
  const state = await waitFor('the attack waits, or is over', async () => {
    if (await waitsFor(it, 'relation', attacker.pid)) return 'waits';
    // Without the lock, the index is there by now, and waits until it may be used.
    return (await waitsFor(it, 'virtualxid', attacker.pid)) ? 'waits for transactions' : over;
  });
  return { state, ended };
};

const waitsToStore = (it: CopyStage): Promise<boolean> =>
  waitFor('the copy waits', () => waitsFor(it, 'transactionid', null));

describe.each(widest)('PostgreSQL %i', (major) => {
  test('ATTACH PARTITION waits until the rows are stored, and what it brought is then refused', async () => {
    const world = await attackWorld(major);
    const { it, owner, blocker, prepared, hasRun } = world;
    const copied = await prepared('first', 'parted');
    await blocker.script(`BEGIN; INSERT INTO public.first VALUES (1, 'blocker')`);
    const first = copied();
    await waitsToStore(it);
    const attack = await attackWith(
      world,
      'ALTER TABLE public.parted ATTACH PARTITION public.late FOR VALUES IN (2)',
    );
    expect.soft(attack.state).toBe('waits');
    await blocker.script('ROLLBACK');
    await expect(first).rejects.toThrow('no partition of relation "parted" found for row');
    expect(await attack.ended).toBe('done');
    await expect(copied()).rejects.toMatchObject({
      code: 'RUNS_FOREIGN_CODE',
      message: expect.stringContaining(`public.fire() of role ${owner} (trigger late`),
    });
    expect(await hasRun()).toBe(false);
  });

  test('CREATE INDEX CONCURRENTLY waits until a table that one load fills has its rows', async () => {
    const world = await attackWorld(major);
    const { it, blocker, prepared, hasRun } = world;
    const copied = await prepared('first', 'plain');
    await blocker.script(`BEGIN; INSERT INTO public.first VALUES (1, 'blocker')`);
    const all = copied(1, { unchecked: true });
    await waitsToStore(it);
    const attack = await attackWith(
      world,
      `CREATE INDEX CONCURRENTLY ON public.plain ((public.evil('x')))`,
    );
    expect.soft(attack.state).toBe('waits');
    await blocker.script('ROLLBACK');
    expect((await all).rows).toBe(2);
    expect(await attack.ended).toBe('done');
    expect(await hasRun()).toBe(false);
  });

  test('it waits too where several loads fill the table at once, and the lock is taken again where it was lost', async () => {
    const world = await attackWorld(major);
    const { it, blocker, prepared, hasRun } = world;
    const copied = await prepared('large');
    await blocker.script(`BEGIN; INSERT INTO public.large VALUES (1, 'blocker')`);
    const all = copied(3, { unchecked: true });
    // All other chunks of the same table are stored meanwhile.
    await waitFor('other chunks', async () => {
      const [row] = await it.target.query<{ left: string }>(
        'SELECT max(chunks) - count(*) AS left FROM steep_repl.copy_chunks',
      );
      return row?.left !== undefined && Number(row.left) === 1;
    });
    const keeper = await keeperOf(it, 'large');
    expect(keeper).not.toBeNull();
    await it.target.query('SELECT pg_terminate_backend($1)', [keeper]);
    await waitFor('another keeper', async () => {
      const next = await keeperOf(it, 'large');
      return next !== null && next !== keeper && (await waitsFor(it, 'transactionid', null));
    });
    const attack = await attackWith(
      world,
      `CREATE INDEX CONCURRENTLY ON public.large ((public.evil('x')))`,
    );
    expect.soft(attack.state).toBe('waits');
    await blocker.script('ROLLBACK');
    expect((await all).rows).toBe(large);
    expect(await attack.ended).toBe('done');
    expect(await hasRun()).toBe(false);
  });

  test('who waits for the table gets it between two loads, and then the copy continues and builds its indexes', async () => {
    const { it, blocker, attacker, prepared } = await attackWorld(major);
    await it.target.query('CREATE INDEX later ON large (note)');
    const copied = await prepared('large');
    // Three loads, one of each worker, while others are to come.
    await blocker.script(`BEGIN; INSERT INTO public.large VALUES (1, 'x'), (300, 'x'), (600, 'x')`);
    const all = copied(3, { unchecked: true });
    await waitFor('all workers wait', async () => (await waitingFor(it, 'transactionid')) === 3);
    const locked = attacker.script(
      'BEGIN; LOCK TABLE public.large IN ACCESS EXCLUSIVE MODE; COMMIT',
    );
    await waitFor('the owner waits', () => waitsFor(it, 'relation', attacker.pid));
    await blocker.script('ROLLBACK');
    await locked;
    expect((await all).rows).toBe(large);
    const again = await attackWorld(major);
    await again.it.target.query('CREATE INDEX later ON large (note)');
    const tuning = { chunkBytes: 256 * 1024, postponeFromBytes: 1 };
    expect((await (await again.prepared('large'))(3, { tuning })).rows).toBe(large);
    expect(
      await again.it.target.query(`SELECT FROM pg_indexes WHERE indexname = 'later'`),
    ).toHaveLength(1);
  });

  test('a table that the owner of its schema replaces while steep waits for its lock is not filled', async () => {
    const { it, owner, prepared } = await attackWorld(major);
    await it.target.query('ALTER TABLE plain OWNER TO CURRENT_USER');
    const replacing = await open(it.target.conninfo, 'replacing');
    onTestFinished(() => replacing.close());
    let opened = 0;
    const run = (await prepared('plain'))(1, {
      openTarget: async () => {
        opened += 1;
        // The first session looks, the second one stores.
        if (opened === 2) {
          await replacing.script(`
            BEGIN; ALTER TABLE public.plain RENAME TO former;
            CREATE TABLE public.plain (id int PRIMARY KEY, note text);
            ALTER TABLE public.plain OWNER TO ${owner}`);
        }
        return open(it.target.conninfo, 'target');
      },
    });
    await waitFor('the copy waits', () => waitsFor(it, 'relation', null));
    await replacing.script('COMMIT');
    await expect(run).rejects.toMatchObject({ code: 'TABLE_REPLACED' });
    expect(await it.target.query('SELECT FROM plain')).toEqual([]);
  });
});
