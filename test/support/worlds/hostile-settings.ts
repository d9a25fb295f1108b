// Settings of a database and of a role that would change what values look like, or which rows a query sees.

import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import type { valueSettings } from '../../../src/model/script-settings.ts';
import type { sessionSettings } from '../../../src/postgres/pinned-settings.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import type { TestDatabase } from '../servers/cluster.ts';

type Pinned = keyof typeof valueSettings | keyof typeof sessionSettings;

/** Each of them set wrongly; one that is pinned and missing here does not compile. */
export const hostileSettings: Readonly<Record<Pinned, string>> = {
  search_path: 'public',
  quote_all_identifiers: 'on',
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'Asia/Kolkata',
  timezone_abbreviations: 'India',
  extra_float_digits: '-10',
  bytea_output: 'escape',
  lc_monetary: 'C.UTF-8',
  array_nulls: 'off',
  xmloption: 'document',
  xmlbinary: 'hex',
  transform_null_equals: 'on',
  standard_conforming_strings: 'off',
  row_security: 'on',
  gin_fuzzy_search_limit: '1',
  constraint_exclusion: 'on',
  debug_print_parse: 'on',
  debug_print_rewritten: 'on',
  debug_print_plan: 'on',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  client_min_messages: 'debug1',
  work_mem: '64kB',
  jit: 'on',
  statement_timeout: '1h',
  lock_timeout: '1h',
  idle_in_transaction_session_timeout: '1h',
};

const setAll = (owner: string): string =>
  Object.entries(hostileSettings)
    .map(([name, value]) => {
      // A list is a list, and neither one name nor one word.
      const text = name === 'DateStyle' ? value : escapeLiteral(value);
      return `ALTER ${owner} SET ${name} = ${text};`;
    })
    .join('\n');

export type Level = 'database' | 'role';

/** The database with all of them, for a session that begins now: as its own settings, or as those of a new superuser. */
export async function setHostile(database: TestDatabase, level: Level): Promise<Conninfo> {
  if (level === 'database') {
    await database.query(setAll(`DATABASE ${escapeIdentifier(database.name)}`));
    return database.conninfo;
  }
  const role = `hostile_${randomBytes(5).toString('hex')}`;
  const password = randomBytes(10).toString('hex');
  await database.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${password}'`);
  onTestFinished(async () => {
    await database.query(`DROP OWNED BY ${role}`).catch(() => undefined);
    await database.query(`DROP ROLE ${role}`).catch(() => undefined);
  });
  await database.query(setAll(`ROLE ${role}`));
  return database.conninfo.with({ user: role, password });
}
