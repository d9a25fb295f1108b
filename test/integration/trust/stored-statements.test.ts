// Statements in steep_repl.copy_postponed that steep did not write are not run, whichever role wrote them.

import { expect, test } from 'vitest';
import { runsAnything } from '../../../src/copy/check/code-guard.ts';
import { makeAgain, readDeferred } from '../../../src/copy/indexes/deferred-records.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { installMetadata } from '../catalog/metadata.ts';

test('a statement that makes a role superuser stays on record, and the role stays as it is', async () => {
  const database = await cluster.database(newestMajor);
  const role = `role_${database.name}`;
  await installMetadata(database);
  await database.query(`CREATE ROLE ${role}; CREATE TABLE a (x int)`);
  await database.query(
    `INSERT INTO steep_repl.copy_postponed VALUES ('s', 1, 'public', 'a', 'index', 'a_key',
       ARRAY['CREATE INDEX a_key ON public.a USING btree (x); ALTER ROLE ${role} SUPERUSER'])`,
  );
  const session = await openSession(database.conninfo, { node: 'n', applicationName: 'test' });
  try {
    const [deferred] = await readDeferred(session, 's');
    if (deferred === undefined) throw new Error('nothing is on record');
    await expect(
      makeAgain(session, { subscription: 's', guard: runsAnything }, deferred),
    ).rejects.toMatchObject({
      code: 'COPY_RECORD_CHANGED',
    });
    expect(await readDeferred(session, 's')).toHaveLength(1);
  } finally {
    await session.close();
  }
  expect(await database.query(`SELECT rolsuper FROM pg_roles WHERE rolname = '${role}'`)).toEqual([
    { rolsuper: false },
  ]);
  await database.query(`DROP ROLE ${role}`);
});
