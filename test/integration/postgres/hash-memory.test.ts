// A query with little memory, inside of a transaction that has more.

import { expect, test } from 'vitest';
import { withoutLargeHashTables } from '../../../src/postgres/hash-memory.ts';
import { sessionSettings } from '../../../src/postgres/pinned-settings.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';

const memoryOf = async (session: Session): Promise<unknown> =>
  (await session.query(sql`SELECT pg_catalog.current_setting('work_mem') AS memory`))[0];

test('the body has little memory; what follows has as much as before, also after a failure', async () => {
  const { superuser } = await cluster.server(newestMajor);
  const session = await openSession(superuser, { node: 'n', applicationName: 'test' });
  const usual = { memory: sessionSettings.work_mem };
  try {
    await session.transaction({ readOnly: true }, async () => {
      const inside = await withoutLargeHashTables(session, () => memoryOf(session));
      expect(inside).toEqual({ memory: '4MB' });
      expect(await memoryOf(session)).toEqual(usual);
    });
    const failing = session.transaction({}, () =>
      withoutLargeHashTables(session, () => session.query(sql`SELECT 1 / ${0}::int`)),
    );
    await expect(failing).rejects.toThrow('division by zero');
    expect(await memoryOf(session)).toEqual(usual);
  } finally {
    await session.close();
  }
});
