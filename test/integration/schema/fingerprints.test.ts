// Fingerprints agree exactly when definitions do: on every major, however the tables came to be.

import { describe, expect, test } from 'vitest';
import { formatName } from '../../../src/model/identifier.ts';
import type { TableFingerprint } from '../../../src/model/schema/schema-fingerprint.ts';
import { corpusFor } from '../../support/plans/schema-corpus.ts';
import { definitionsIn, fingerprintsOf, rootsOf } from '../../support/plans/schema-reading.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';

const byName = (fingerprints: readonly TableFingerprint[]) =>
  Object.fromEntries(fingerprints.map((it) => [formatName(it.name), it]));

describe('the same DDL', () => {
  test.each(majors)('gives the same fingerprints on PostgreSQL %i', async (major) => {
    const database = await cluster.database(major);
    await database.query(corpusFor(major));
    const newest = await cluster.database(newestMajor);
    // In another database of another history, and where roles and databases have settings of their own.
    await newest.query(
      `CREATE TYPE unrelated AS ENUM ('x'); CREATE TABLE unrelated_table (x unrelated); DROP TYPE unrelated CASCADE; DROP TABLE unrelated_table`,
    );
    for (const setting of [
      'search_path = shop, public',
      'quote_all_identifiers = on',
      `DateStyle = 'SQL, DMY'`,
      `TimeZone = 'Asia/Tokyo'`,
      `IntervalStyle = 'sql_standard'`,
      'extra_float_digits = 0',
      `bytea_output = 'escape'`,
    ]) {
      await newest.query(`ALTER DATABASE ${newest.name} SET ${setting}`);
    }
    await newest.query(corpusFor(major));
    const [there, here] = [await fingerprintsOf(newest), await fingerprintsOf(database)];
    const definitions = [await definitionsIn(newest), await definitionsIn(database)];
    expect(definitions[1]).toEqual(definitions[0]);
    expect(byName(here)).toEqual(byName(there));
    expect(await rootsOf(database)).toEqual(await rootsOf(newest));
    expect(here.length).toBeGreaterThan(20);
  });

  test('for a role that may only connect', async () => {
    const database = await cluster.database(newestMajor);
    await database.query(corpusFor(newestMajor));
    const role = `role_${database.name}`;
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`);
    const conninfo = database.conninfo.with({ user: role, password: 'pw' });
    expect(await rootsOf({ conninfo })).toEqual(await rootsOf(database));
    expect(await definitionsIn({ conninfo })).toEqual(await definitionsIn(database));
    await database.query(`DROP ROLE ${role}`);
  });
});
