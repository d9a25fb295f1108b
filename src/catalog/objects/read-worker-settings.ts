// Reads the settings with which the workers of subscriptions run, where they would change values, or stop or delay changes. A worker
// takes them from its role, its database and the configuration of the server; the sessions of steep fix them.

import type { WorkerSetting } from '../../model/state/server.ts';
import { actingRoleName } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** Of the role that applies, and of the owners of subscriptions that are there; in order of role and setting. */
export const readWorkerSettings = async (session: Session): Promise<readonly WorkerSetting[]> => {
  const [may] = await session.query<{ readonly files: boolean }>(sql`
    SELECT pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE') AS files`);
  return session.query<WorkerSetting>(harmful(may?.files === true ? inFiles : nowhere, session));
};

/** ALTER SYSTEM included. What a file says and the server has not read yet counts: it will. */
const inFiles: Sql = sql`
  SELECT f.name, f.setting AS value FROM pg_catalog.pg_show_all_file_settings() AS f WHERE f.error IS NULL`;

const nowhere: Sql = sql`SELECT ''::text AS name, ''::text AS value WHERE false`;

/** The strongest of each setting: of a role in a database, of a role, of a database, of all, of the files. */
const harmful = (files: Sql, session: Session): Sql => sql`
  WITH d AS (SELECT oid, datname, encoding FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
  r AS (SELECT a.oid, a.rolname FROM pg_catalog.pg_roles AS a CROSS JOIN d
         WHERE a.rolname = ${actingRoleName(session)}
            OR a.oid IN (SELECT s.subowner FROM pg_catalog.pg_subscription AS s WHERE s.subdbid = d.oid)),
  c AS (SELECT r.rolname, pg_catalog.split_part(e.entry, '=', 1) AS name,
               pg_catalog.substr(e.entry, pg_catalog.strpos(e.entry, '=') + 1) AS value,
               CASE WHEN s.setrole <> 0 AND s.setdatabase <> 0 THEN 'role ' || r.rolname || ' in database ' || d.datname
                    WHEN s.setrole <> 0 THEN 'role ' || r.rolname
                    WHEN s.setdatabase <> 0 THEN 'database ' || d.datname
                    ELSE 'all roles and databases' END AS origin,
               (s.setrole <> 0)::integer * 2 + (s.setdatabase <> 0)::integer AS strength
          FROM r CROSS JOIN d
          JOIN pg_catalog.pg_db_role_setting AS s ON s.setrole IN (0, r.oid) AND s.setdatabase IN (0, d.oid)
         CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS e(entry)
         UNION ALL
        SELECT r.rolname, f.name, f.value, 'the configuration of the server', -1 FROM r CROSS JOIN (${files}) AS f),
  effective AS (SELECT DISTINCT ON (c.rolname, c.name) c.rolname, c.name, c.value, c.origin FROM c
                 ORDER BY c.rolname, c.name, c.strength DESC)
  SELECT e.name AS setting, e.value, e.rolname::text AS role, e.origin
    FROM effective AS e CROSS JOIN d
   WHERE CASE e.name
           WHEN 'array_nulls' THEN NOT e.value::boolean
           WHEN 'default_transaction_read_only' THEN e.value::boolean
           WHEN 'xmloption' THEN pg_catalog.lower(e.value) = 'document'
           WHEN 'lock_timeout' THEN e.value !~ '^0+[a-z]*$'
           WHEN 'transaction_timeout' THEN e.value !~ '^0+[a-z]*$'
           WHEN 'client_encoding' THEN
             -- SQL_ASCII converts nothing, on either side.
             0 NOT IN (d.encoding, pg_catalog.pg_char_to_encoding(e.value))
             AND pg_catalog.pg_char_to_encoding(e.value) <> d.encoding
           ELSE false END
   ORDER BY e.rolname, e.name`;
