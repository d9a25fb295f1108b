// Which indexes a table can name as its replica identity.

import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** Unique, complete, not deferrable, of columns that are NOT NULL. Primary keys only where they have a name of their own. */
const usable: Sql = sql`
  SELECT x.indrelid::int8 AS oid,
         pg_catalog.json_object_agg(i.relname, (
           SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.position)
             FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) AS k (position)
             JOIN pg_catalog.pg_attribute AS a
               ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.position])) AS indexes
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
    JOIN pg_catalog.pg_class AS c ON c.oid = x.indrelid
   WHERE x.indisunique AND (NOT x.indisprimary OR i.relname <> c.relname || '_pkey') AND x.indimmediate AND x.indisvalid
     AND x.indpred IS NULL AND x.indexprs IS NULL AND x.indrelid >= 16384
     AND NOT EXISTS (
       SELECT FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) AS k (position)
         JOIN pg_catalog.pg_attribute AS a
           ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.position]
        WHERE NOT a.attnotnull)
   GROUP BY x.indrelid
   ORDER BY x.indrelid`;

interface IndexRow {
  readonly oid: number;
  readonly indexes: Readonly<Record<string, readonly string[]>>;
}

/** By the OID of the table: the columns of each index, by its name. A table without one has no entry. */
export const readIdentityIndexes = async (
  session: Session,
): Promise<ReadonlyMap<number, IndexRow['indexes']>> =>
  new Map((await session.query<IndexRow>(usable)).map(({ oid, indexes }) => [oid, indexes]));
