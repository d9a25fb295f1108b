// Reads pg_hba.conf as the server does. Only superusers may, unless someone granted it.

import type { HbaRule } from '../../model/report/doctor-facts.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** The lines in their order; null: this role may not read them. */
export const readHba = async (session: Session): Promise<readonly HbaRule[] | null> => {
  const [access] = await session.query<{ readonly readable: boolean }>(sql`
    SELECT pg_catalog.has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT')
           AND pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE') AS readable`);
  return access?.readable === true ? session.query<HbaRule>(rulesQuery) : null;
};

const rulesQuery: Sql = sql`
  SELECT h.line_number AS line, COALESCE(h.type, '') AS type, COALESCE(h.database, '{}') AS databases,
         COALESCE(h.user_name, '{}') AS users, h.address, COALESCE(h.auth_method, '') AS method, h.error
    FROM pg_catalog.pg_hba_file_rules AS h
   ORDER BY h.line_number`;
