// What a copy drops and makes again afterwards: the owner of the table may have changed what the statements mean.

import { describe, expect, test } from 'vitest';
import { assertAgreed } from '../../../../src/catalog/foreign-code/assert-agreed.ts';
import type { CodeGuard } from '../../../../src/copy/check/code-guard.ts';
import { makeAgain, readDeferred } from '../../../../src/copy/indexes/deferred-records.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';
import { open } from '../../copy/copy-under-test.ts';
import { attackWorld } from './held-world.ts';
import { attackedAt } from './renamed-world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

const guard: CodeGuard = (session, use, used) => assertAgreed(session, use, used, []);

const tuning = { chunkBytes: 256 * 1024, deferFromBytes: 1 };

describe.each(widest)('PostgreSQL %i', (major) => {
  test('a foreign key whose name is that of a check now is not validated', async () => {
    const { it, attacker, owner, hasRun } = await attackWorld(major);
    await attacker.script(
      `ALTER TABLE public.plain ADD CONSTRAINT key CHECK (public.evil(note) = 'x') NOT VALID`,
    );
    await it.target.query(`INSERT INTO public.plain VALUES (1, 'x')`);
    await it.target.query('ALTER SEQUENCE public.ran RESTART');
    await it.target.query(
      `INSERT INTO steep_repl.copy_postponed VALUES ('s', 1, 'public', 'plain', 'foreign key', 'key',
         ARRAY['ALTER TABLE public.plain VALIDATE CONSTRAINT key'])`,
    );
    const session = await open(it.target.conninfo, 'target');
    onTestFinished(() => session.close());
    const [deferred] = await readDeferred(session, 's');
    if (deferred === undefined) throw new Error('nothing is on record');
    await expect(makeAgain(session, { subscription: 's', guard }, deferred)).rejects.toMatchObject({
      code: 'RUNS_FOREIGN_CODE',
      message: expect.stringContaining(`public.evil(text) of role ${owner} (check key)`),
    });
    expect(await hasRun()).toBe(false);
    expect(await readDeferred(session, 's')).toHaveLength(1);
  });

  test('a foreign key cannot be replaced while it is validated', async () => {
    const { it, attacker, owner, prepared, hasRun } = await attackWorld(major);
    const key = 'ADD CONSTRAINT key FOREIGN KEY (id) REFERENCES public.plain';
    for (const database of [it.source, it.target]) {
      await database.query(`ALTER TABLE public.first ${key}`);
    }
    const { conninfo, state } = await attackedAt(it.target, /^ALTER TABLE .* VALIDATE CONSTRAINT/, {
      database: { ...it.target, query: (text) => attacker.script(text).then(() => []) },
      role: owner,
      attack: `ALTER TABLE public.first DROP CONSTRAINT key,
                 ADD CONSTRAINT key CHECK (public.evil(note) = 'x') NOT VALID`,
    });
    const copied = await prepared('first', 'plain');
    await copied(1, { tuning, unchecked: true, openTarget: () => open(conninfo, 'target') });
    expect(state()).toBe('waits');
    expect(await hasRun()).toBe(false);
  });

  test('an index with a constant of a type of another role stays as it is', async () => {
    const { it, attacker, owner, prepared, hasRun } = await attackWorld(major);
    await attacker.script(`
      CREATE DOMAIN public.word AS text;
      CREATE INDEX odd ON public.plain (note) WHERE id = array_length('{x}'::public.word[], 1);
      CREATE INDEX even ON public.plain (note)`);
    const { conninfo, state } = await attackedAt(it.target, /^CREATE INDEX even/, {
      database: { ...it.target, query: (text) => attacker.script(text).then(() => []) },
      role: owner,
      attack: `ALTER DOMAIN public.word ADD CHECK (public.evil(VALUE) = 'x') NOT VALID`,
    });
    const copied = await prepared('plain');
    await copied(1, { tuning, unchecked: true, openTarget: () => open(conninfo, 'target') });
    expect(state()).toBe('done');
    expect(await hasRun()).toBe(false);
    expect(
      await it.target.query(
        `SELECT indexname FROM pg_indexes WHERE tablename = 'plain' ORDER BY 1`,
      ),
    ).toEqual(['even', 'odd', 'plain_pkey'].map((indexname) => ({ indexname })));
  });
});
