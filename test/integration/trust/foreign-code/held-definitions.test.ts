// While rows are stored, the owner of a table attaches no partition to it and makes no index concurrently: both take a
// lock that COPY alone permits. What is attached would run with the rights of steep, which is superuser here.

import { describe, expect, test } from 'vitest';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';
import { waitFor } from '../../../support/servers/wait.ts';
import { open } from '../../copy/copy-under-test.ts';
import {
  attackWith,
  attackWorld,
  keeperOf,
  large,
  waitingFor,
  waitsFor,
  waitsToStore,
} from './held-world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

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
    // Two loads and the attack may wait for one another: then the server ends one of them, and a load is tried again.
    expect(['done', 'deadlock detected']).toContain(await attack.ended);
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
    const tuning = { chunkBytes: 256 * 1024, deferFromBytes: 1 };
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
