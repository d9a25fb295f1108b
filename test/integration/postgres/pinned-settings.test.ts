// Settings of roles and databases never change what a session of steep reads or stores.

import { describe, expect, test } from 'vitest';
import { valueSettings } from '../../../src/model/script-settings.ts';
import { sessionSettings } from '../../../src/postgres/pinned-settings.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { ddl, ident, type Sql, sql } from '../../../src/postgres/sql/sql.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { endsByDay, majors } from '../../support/servers/majors.ts';
import { hostileSettings, setHostile } from '../../support/worlds/hostile-settings.ts';

const show = (name: string): Sql => ddl`SHOW ${ident(name.toLowerCase())}`;

const pinned: Readonly<Record<string, string>> = { ...valueSettings, ...sessionSettings };

/** What the manual lists next to those that are pinned, and why a session keeps what its role has. */
const leftAlone: Readonly<Record<string, string>> = {
  client_encoding: 'the driver and pg_dump ask for UTF8 by themselves, which is stronger',
  default_text_search_config: 'to_tsvector() of one argument is not immutable: no filter has it',
  icu_validation_level: 'checks locales when a collation is made',
  lc_messages: 'may be set by superusers only; failures are told apart by their SQLSTATE',
  lc_numeric: 'only to_char() and to_number(), which are not immutable',
  lc_time: 'only to_char() and to_date(), which are not immutable',
  check_function_bodies: 'checks functions when they are made',
  createrole_self_grant: 'roles are not made',
  default_table_access_method: 'how a new table is stored is for the database to say',
  default_tablespace: 'where a new table is stored is for the database to say',
  default_toast_compression: 'how a value is stored, not what it is',
  default_transaction_read_only: 'pinned by what the session is for',
  event_triggers: 'may be set by superusers only',
  gin_pending_list_limit: 'how an index is kept',
  idle_session_timeout:
    'not in 13, which must be able to say that it is too old; set where a session may write',
  restrict_nonsystem_relation_kind: 'refuses; hides nothing',
  session_replication_role: 'may be set by superusers only; the copy sets it',
  temp_tablespaces: 'where temporary files are',
  transaction_deferrable: 'of one transaction',
  transaction_isolation: 'of one transaction',
  transaction_read_only: 'of one transaction',
  transaction_timeout: 'not in 14 to 16; set where a session may write',
  backslash_quote: 'no statement has a quote behind a backslash',
  escape_string_warning: 'warns only',
  lo_compat_privileges: 'may be set by superusers only; large objects are not replicated',
  synchronize_seqscans: 'the order of rows, which does not count',
};

describe.each(endsByDay(majors))('PostgreSQL %i', (major) => {
  test('every setting of the manual that concerns values is pinned, or left alone with a reason', async () => {
    const database = await cluster.database(major);
    const rows = await database.query<{ readonly name: string }>(`
      SELECT name FROM pg_settings
       WHERE context IN ('user', 'superuser')
         AND (category LIKE 'Client Connection Defaults / Locale%' OR category LIKE '%/ Statement Behavior'
              OR category LIKE 'Version and Platform Compatibility%')
         AND name !~ '^vacuum_'`);
    const open = rows.filter(({ name }) => !(name in pinned || name in leftAlone));
    expect(open).toEqual([]);
  });

  test.each(['database', 'role'] as const)(
    'each setting is set wrongly for the %s',
    async (level) => {
      const database = await cluster.database(major);
      const conninfo = await setHostile(database, level);
      const names = Object.keys(hostileSettings);
      const read = sql`
      SELECT pg_catalog.lower(n) AS name, pg_catalog.current_setting(n) AS value
        FROM pg_catalog.unnest(${names}::text[]) AS n`;
      const expected = Object.entries(pinned).map(([name, value]) => ({
        name: name.toLowerCase(),
        value: value.replace(',', ', '),
      }));
      for (const how of [
        { readOnly: true },
        {},
        { readOnly: true, replication: 'database' },
      ] as const) {
        const session = await openSession(conninfo, {
          node: 'n',
          applicationName: 'steep',
          ...how,
        });
        try {
          // A walsender takes no parameters.
          const found =
            'replication' in how
              ? await Promise.all(
                  names.map(async (name) => {
                    const [row] = await session.query<Readonly<Record<string, string>>>(show(name));
                    return { name: name.toLowerCase(), value: Object.values(row ?? {})[0] };
                  }),
                )
              : await session.query(read);
          expect(found, JSON.stringify(how)).toEqual(expect.arrayContaining(expected));
        } finally {
          await session.close();
        }
      }
    },
  );
});
