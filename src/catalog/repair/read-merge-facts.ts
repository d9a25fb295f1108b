// What of a node decides whether its tables can be merged with those of another, beside what repairs need to know.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { MergeNodeReading } from '../../model/state/merge.ts';
import type { Session } from '../../postgres/session.ts';
import { fedSequences } from '../../postgres/sql/fed-sequences.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** Subscriptions other than this one that bring rows of the tables, or of their partitions. */
export const readBroughtBy = async (
  session: Session,
  tables: readonly QualifiedName[],
  except: string,
): Promise<MergeNodeReading['broughtBy']> => {
  const rows = await session.query<{
    readonly schema: string;
    readonly name: string;
    readonly subscription: string;
  }>(sql`
    SELECT DISTINCT t.schema, t.name, s.subname::text AS subscription
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
      JOIN pg_catalog.pg_subscription_rel AS r
        ON r.srrelid = c.oid OR r.srrelid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) AS p)
      JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid
     WHERE s.subname <> ${except}
     ORDER BY 1, 2, 3`);
  return rows.map(({ subscription, ...table }) => ({ table: formatName(table), subscription }));
};

/** A sequence gives the numbers of a key of one column. */
export const readNumbered = async (
  session: Session,
  { schema, name }: QualifiedName,
  key: readonly string[],
): Promise<boolean> => {
  const [column] = key;
  if (column === undefined || key.length > 1) return false;
  const rows = await session.query(sql`
    WITH fed (sequence, relid, attnum, owned) AS (${fedSequences})
    SELECT FROM fed AS f
      JOIN pg_catalog.pg_class AS c ON c.oid = f.relid AND c.relname = ${name}
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = ${schema}
      JOIN pg_catalog.pg_class AS s ON s.oid = f.sequence AND s.relkind = 'S'
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.relid AND a.attnum = f.attnum AND a.attname = ${column}
     LIMIT 1`);
  return rows.length > 0;
};
