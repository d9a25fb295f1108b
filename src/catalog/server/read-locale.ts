// Reads how a database sorts and classifies text. Columns came and went: read through to_jsonb.

import type { LocaleFacts } from '../../model/report/doctor-facts.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export const readLocale = async (session: Session): Promise<LocaleFacts> => {
  const [row] = await session.query<LocaleFacts>(sql`
    SELECT CASE pg_catalog.to_jsonb(d) ->> 'datlocprovider'
             WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
           d.datcollate::text AS collate, d.datctype::text AS ctype,
           COALESCE(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') AS locale
      FROM pg_catalog.pg_database AS d
     WHERE d.datname = pg_catalog.current_database()
     ORDER BY d.datname`);
  return row ?? { provider: 'libc', collate: '', ctype: '', locale: null };
};
