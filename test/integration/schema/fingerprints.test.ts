// Fingerprints agree exactly when definitions do: on every major, however the tables came to be.

import { describe, expect, test } from 'vitest';
import { formatName } from '../../../src/model/identifier.ts';
import type { TableFingerprint } from '../../../src/model/schema/schema-fingerprint.ts';
import { withQuotedNames } from '../../../src/postgres/sql/quoted-names.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { corpusFor } from '../../support/plans/schema-corpus.ts';
import {
  definitionsIn,
  fingerprintsOf,
  rootsOf,
  withSession,
} from '../../support/plans/schema-reading.ts';
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

  test('and every major quotes the keywords of all of them alike', async () => {
    const databases = await Promise.all(majors.map((major) => cluster.database(major)));
    const keywords = await Promise.all(
      databases.map((database) =>
        database.query<{ readonly word: string }>('SELECT word FROM pg_get_keywords()'),
      ),
    );
    const words = [...new Set(keywords.flat().map(({ word }) => word))];
    const quoted = await Promise.all(
      databases.map((database) =>
        withSession(database, (session) =>
          session.query(sql`
            SELECT ${withQuotedNames(sql`pg_catalog.quote_ident(w.word)`)} AS quoted
              FROM pg_catalog.unnest(${words}::text[]) AS w (word)`),
        ),
      ),
    );
    for (const other of quoted) expect(other).toEqual(quoted[0]);
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
