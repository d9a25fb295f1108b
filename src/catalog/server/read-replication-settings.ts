// Reads the settings by which replication waits, fails or loses a slot.

import type { ReplicationSettings, RoleTimeout } from '../../model/state/replication-settings.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** `replicationRole`: whom subscribers connect as; null: it is not known. */
export const readReplicationSettings = async (
  session: Session,
  replicationRole: string | null,
): Promise<ReplicationSettings> => {
  const [row] = await session.query<SettingsRow>(settings);
  const timeouts =
    replicationRole === null ? [] : await session.query<RoleTimeout>(timeoutsOf(replicationRole));
  return {
    maxPreparedTransactions: Number(row?.prepared ?? 0),
    idleSlotTimeout: row?.idle ?? null,
    synchronousNames: namesIn(row?.synchronous ?? ''),
    missingStandbySlots: row?.missing ?? [],
    timeouts,
  };
};

/** `FIRST 1 (a, "B")`, `ANY 2 (a, b)`, `2 (a, b)` or `a, b`. */
const namesIn = (setting: string): readonly string[] => {
  const [, inside] = /^\s*(?:(?:FIRST|ANY)\s+)?\d+\s*\((.*)\)\s*$/i.exec(setting) ?? [];
  return (inside ?? setting)
    .split(',')
    .map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .replaceAll('""', '"'),
    )
    .filter((name) => name !== '');
};

const settings: Sql = sql`
  SELECT pg_catalog.current_setting('max_prepared_transactions') AS prepared,
         NULLIF(pg_catalog.current_setting('idle_replication_slot_timeout', true), '0') AS idle,
         pg_catalog.current_setting('synchronous_standby_names') AS synchronous,
         ARRAY(SELECT pg_catalog.btrim(n.name)
                 FROM pg_catalog.unnest(pg_catalog.string_to_array(
                        pg_catalog.current_setting('synchronized_standby_slots', true), ',')) AS n (name)
                WHERE pg_catalog.btrim(n.name) <> ''
                  AND pg_catalog.btrim(n.name) NOT IN (SELECT s.slot_name FROM pg_catalog.pg_replication_slots AS s)
                ORDER BY 1) AS missing`;

interface SettingsRow {
  readonly prepared: string;
  readonly idle: string | null;
  readonly synchronous: string;
  readonly missing: readonly string[];
}

/** The strongest of each: of the role in this database, of the role, of the database, of all. */
const timeoutsOf = (role: string): Sql => sql`
  SELECT DISTINCT ON (e.setting) e.setting, e.value, ${role}::text AS role
    FROM (SELECT pg_catalog.split_part(c.entry, '=', 1) AS setting,
                 pg_catalog.substr(c.entry, pg_catalog.strpos(c.entry, '=') + 1) AS value,
                 (s.setrole <> 0)::integer * 2 + (s.setdatabase <> 0)::integer AS strength
            FROM pg_catalog.pg_roles AS r
            JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
            JOIN pg_catalog.pg_db_role_setting AS s
              ON s.setrole IN (0, r.oid) AND s.setdatabase IN (0, d.oid)
           CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (entry)
           WHERE r.rolname = ${role}) AS e
   WHERE e.setting IN ('statement_timeout', 'lock_timeout', 'transaction_timeout')
   ORDER BY e.setting, e.strength DESC`;
