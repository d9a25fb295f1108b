// Tables of an owner that is not trusted, a copy into them, and two sessions of the owner.

import { assertAgreed } from '../../../../src/catalog/foreign-code/assert-agreed.ts';
import type { CopyRequest } from '../../../../src/copy/copy-tables.ts';
import type { Session } from '../../../../src/postgres/session.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { waitFor } from '../../../support/servers/wait.ts';
import { type CopyStage, copy, hold, names, open, stage } from '../../copy/copy-under-test.ts';

const tables = ['first', 'plain', 'parted', 'large'];
export const large = 3000;

/** The function notes in a sequence, which no ROLLBACK rolls back, that it has run as a superuser. */
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

export interface World {
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

export async function attackWorld(major: number): Promise<World> {
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
          tuning: { chunkBytes: 256 * 1024, deferFromBytes: 1e9 },
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

export const waitsFor = async (
  it: CopyStage,
  locktype: string,
  pid: number | null,
): Promise<boolean> => (await waitingFor(it, locktype, pid)) > 0;

export const waitingFor = async (
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
export const keeperOf = async (it: CopyStage, table: string): Promise<number | null> => {
  const [row] = await it.target.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE granted AND mode = 'ShareUpdateExclusiveLock' AND relation = $1::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [table],
  );
  return row?.pid ?? null;
};

/** Starts the statement; returns once it waits for the lock of the table, or is over. */
export const attackWith = async ({ it, attacker }: World, statement: string) => {
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

export const waitsToStore = (it: CopyStage): Promise<boolean> =>
  waitFor('the copy waits', () => waitsFor(it, 'transactionid', null));
