// A comparison that fails while the server still sends rows: its session takes the next statement, so that what it had begun
// is rolled back, and nothing waits for it.

import { expect, test } from 'vitest';
import { withCopy } from '../../../src/compare/difference/copy-lines.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';

test('a session is free again although most rows of its COPY were not read', async () => {
  const server = await cluster.server(newestMajor);
  const { conninfo } = await server.createDatabase();
  const session = await openSession(conninfo, {
    node: 'n',
    applicationName: 'test',
    readOnly: true,
  });
  const rows = sql`COPY (SELECT n, repeat('x', 1000) FROM generate_series(1, 50000) AS n) TO STDOUT`;
  const failed = withCopy(session, rows, async (lines) => {
    await lines.next();
    throw new Error('enough');
  });
  await expect(failed).rejects.toThrow('enough');
  expect(await session.query(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  await session.close();
});
