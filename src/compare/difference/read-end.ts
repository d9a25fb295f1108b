// Reads what a node has of a compared table: its columns, its keys, its size. In a transaction that holds the table.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import type { TableKinds } from '../../postgres/sql/named-tables.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { readHashedColumns } from '../read-hashed-columns.ts';
import type { HashedColumn } from '../row-hash.ts';

/** A unique index without a condition and without expressions. */
interface UniqueKey {
  readonly columns: readonly string[];
  readonly notNull: boolean;
}

export interface EndReading {
  readonly table: QualifiedName;
  readonly kinds: TableKinds;
  readonly columns: readonly HashedColumn[];
  /** The best first: the replica identity, the primary key, then by name. */
  readonly keys: readonly UniqueKey[];
  readonly blocks: number;
  readonly bytes: number;
}

/** @throws SteepError HASH_TYPE_UNTRUSTED (exit 3) */
export const readEnd = async (
  session: Session,
  table: QualifiedName,
  kinds: TableKinds,
  columns: readonly string[],
): Promise<EndReading> => ({
  table,
  kinds,
  columns: await readHashedColumns(session, [table], (_table, name) => columns.includes(name)),
  keys: await readKeys(session, table),
  ...(await readSize(session, table)),
});

const relation = ({ schema, name }: QualifiedName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

const readKeys = (session: Session, table: QualifiedName): Promise<readonly UniqueKey[]> =>
  session.query<UniqueKey>(sql`
    SELECT k.columns, k."notNull"
      FROM pg_catalog.pg_index AS x
      JOIN pg_catalog.pg_class AS c ON c.oid = x.indrelid
      JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
     CROSS JOIN LATERAL (
        SELECT pg_catalog.array_agg(a.attname::text ORDER BY n.position) AS columns,
               pg_catalog.bool_and(a.attnotnull) AS "notNull"
          FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS n (number, position)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = n.number
         WHERE n.position <= x.indnkeyatts) AS k
     WHERE x.indrelid = pg_catalog.to_regclass(${relation(table)}) AND x.indisunique AND x.indisvalid
       AND x.indpred IS NULL AND x.indexprs IS NULL
     ORDER BY (c.relreplident = 'i' AND x.indisreplident) DESC, x.indisprimary DESC, i.relname COLLATE "C"`);

interface Size {
  readonly blocks: number;
  readonly bytes: number;
}

const readSize = async (session: Session, table: QualifiedName): Promise<Size> => {
  const [row] = await session.query<Size>(sql`
    WITH heaps AS (
      SELECT pg_catalog.to_regclass(${relation(table)})::oid AS oid
       UNION
      SELECT relid::oid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(${relation(table)})))
    SELECT coalesce(pg_catalog.max(h.bytes) / pg_catalog.current_setting('block_size')::int8, 0)::int8 AS blocks,
           coalesce(pg_catalog.sum(h.bytes), 0)::int8 AS bytes
      FROM (SELECT pg_catalog.pg_relation_size(oid) AS bytes FROM heaps) AS h`);
  if (row === undefined) throw new Error(`table ${formatName(table)} has no size`);
  return row;
};
