// A migration of steep_repl does not begin while workers of the older version serve the queue: it names them, and changes nothing.

import { expect, test } from 'vitest';
import { cluster } from '../../support/servers/cluster.ts';
import { firstByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holderName, holdTransaction } from '../../support/servers/transaction.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { primitive } from '../primitives/primitives-world.ts';

const ends = firstByDay([...new Set([majors[0] ?? newestMajor, newestMajor])]);

test.each(ends)('PostgreSQL %i: a held lease keeps the older version', async (major) => {
  const database = await cluster.database(major);
  await installMetadata(database, 4);
  const role = `lease_${database.name}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'of this test'`);
  const lease = 'SELECT pg_advisory_lock(1937007975, 77)';
  const versionOf = () =>
    database.query('SELECT max(version)::int AS version FROM steep_repl.schema_version');
  const register = 'node register hub --auto-approve';
  try {
    const worker = await holdTransaction(database, lease);
    const refused = await primitive(database, register);
    expect([refused.code, refused.stdout + refused.stderr]).toEqual([
      5,
      expect.stringContaining('METADATA_HAS_WORKERS'),
    ]);
    expect(refused.stdout + refused.stderr).toContain(`${holderName} (session ${worker.pid})`);
    expect(await versionOf()).toEqual([{ version: 4 }]);
    await worker.commit();
    // A lock of a role that may not write to steep_repl is no lease.
    const conninfo = database.conninfo.with({ user: role, password: 'of this test' });
    const other = await holdTransaction({ conninfo }, lease);
    const upgraded = await primitive(database, register);
    expect(upgraded.code, upgraded.stdout + upgraded.stderr).toBe(0);
    expect(await versionOf()).toEqual([{ version: 5 }]);
    await other.commit();
  } finally {
    await database.query(`DROP ROLE ${role}`);
  }
});
