// SQL: reads of one end of a compared table. Pure.

import { onlyTable } from '../../postgres/sql/named-tables.ts';
import {
  ddl,
  ident,
  join,
  literal,
  qualified,
  type Sql,
  sql,
  verbatim,
} from '../../postgres/sql/sql.ts';
import { type HashedColumn, rowHash, valueText } from '../row-hash.ts';
import type { KeyText, TableEnd } from './compared-table.ts';

/** Blocks `from` up to, but not including, `to`; null: to the end. Of each heap of a partitioned table. */
export interface BlockRange {
  readonly from: number;
  readonly to: number | null;
}

const keyHash = ({ key, columns }: TableEnd): Sql => rowHash(key.length === 0 ? columns : key);

/** Long values as their digest: two rows are equal only where their hashes are, too. */
const shortText = (column: HashedColumn): Sql => {
  const text = valueText(column);
  return ddl`CASE WHEN pg_catalog.octet_length(${text}) <= 1000 THEN ${text}
    ELSE 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(${text}, 'UTF8')), 'hex') END`;
};

/** The values of these columns as text, in one array. */
export const texts = (columns: readonly HashedColumn[]): Sql =>
  ddl`ARRAY[${join(columns.map(valueText))}]::text[]`;

/** FROM and WHERE. System columns have names that no user's column has. */
const rowsOf = (end: TableEnd, conditions: readonly Sql[]): Sql => {
  const filter = end.where === null ? [] : [ddl`(${verbatim(end.where)})`];
  const all = [...filter, ...conditions];
  const where = all.length === 0 ? ddl`` : ddl`WHERE ${join(all, ' AND ')}`;
  return ddl`${onlyTable(end.table, end.kinds)} ${where}`;
};

const tid = (block: number): Sql => ddl`${literal(`(${block},0)`)}::pg_catalog.tid`;

const inRange = ({ from, to }: BlockRange): readonly Sql[] => [
  ...(from === 0 ? [] : [ddl`ctid >= ${tid(from)}`]),
  ...(to === null ? [] : [ddl`ctid < ${tid(to)}`]),
];

/** Of each bucket of a range that has rows: how many, and the sum of their hashes. */
export const selectBuckets = (end: TableEnd, buckets: number, range: BlockRange): Sql => sql`
  SELECT (r.k & ${buckets - 1}::int8)::int4 AS bucket, pg_catalog.count(*) AS rows,
         pg_catalog.sum(r.h)::text AS hash
    FROM (SELECT ${keyHash(end)} AS k, ${rowHash(end.columns)} AS h FROM ${rowsOf(end, inRange(range))}) AS r
   GROUP BY 1`;

export const selectCount = (end: TableEnd, range: BlockRange): Sql => sql`
  SELECT 0 AS bucket, pg_catalog.count(*) AS rows, '0' AS hash FROM ${rowsOf(end, inRange(range))}`;

/** The rows of some buckets in the order of the hashes of their keys: hash of the key, hash, number, and the key. */
export const copyBuckets = (end: TableEnd, buckets: number, wanted: readonly number[]): Sql => {
  const mask = literal(String(buckets - 1));
  const some = literal(`{${wanted.join(',')}}`);
  const chosen =
    wanted.length === buckets
      ? []
      : [ddl`(${keyHash(end)} & ${mask}::int8) = ANY (${some}::int8[])`];
  const keys = end.key.map((column, index) => ddl`${valueText(column)} AS ${ident(`key${index}`)}`);
  const names = end.key.map((_column, index) => ddl`r.${ident(`key${index}`)}`);
  const fields = join([ddl`r.k`, ddl`r.h`, ...names]);
  return ddl`COPY (SELECT r.k, r.h, pg_catalog.count(*)${afterComma(names)} FROM (
    SELECT ${join([ddl`${keyHash(end)} AS k`, ddl`${rowHash(end.columns)} AS h`, ...keys])}
      FROM ${rowsOf(end, chosen)}) AS r
    GROUP BY ${fields} ORDER BY r.k) TO STDOUT`;
};

const afterComma = (names: readonly Sql[]): Sql =>
  names.length === 0 ? ddl`` : ddl`, ${join(names)}`;

/** What is read of a row that is looked at again. */
export interface RowReading {
  readonly k: string;
  readonly key: KeyText;
  readonly hash: string;
  /** Another one after each change of the row. */
  readonly version: string;
  readonly values: KeyText;
}

/** What is read of each row besides, and how it is locked: both end a list. */
export interface RowExtras {
  readonly columns: Sql;
  readonly lock: Sql;
}

const noExtras: RowExtras = { columns: ddl``, lock: ddl`` };

const selectRows = (end: TableEnd, condition: Sql, { columns, lock }: RowExtras): Sql => ddl`
  SELECT (${keyHash(end)})::text AS k, ${texts(end.key)} AS key, (${rowHash(end.columns)})::text AS hash,
         tableoid::text || ' ' || ctid::text || ' ' || xmin::text AS version,
         ARRAY[${join(end.columns.map(shortText))}]::text[] AS values${columns}
    FROM ${rowsOf(end, [condition])}${lock}`;

const typeOf = ({ base, builtIn }: HashedColumn): Sql | null => {
  if (base !== null && base.schema === 'pg_catalog') return qualified(base);
  return builtIn === null ? null : qualified({ schema: 'pg_catalog', name: builtIn });
};

/** Values as columns of the names of the key, of its types without domains. Null: it has another type than built-in ones. */
export const typedKeys = (key: readonly HashedColumn[], keys: readonly KeyText[]): Sql | null => {
  const types = key.flatMap((column) => typeOf(column) ?? []);
  if (types.length < key.length || types.length === 0) return null;
  const names = types.map((_type, index) => ident(`key${index}`));
  const values = types.map((_type, index) => {
    const column: readonly (string | null)[] = keys.map((it) => it[index] ?? null);
    return sql`pg_catalog.unnest(${column}::text[])`;
  });
  const columns = key.map(
    ({ column }, index) =>
      ddl`w.${ident(`key${index}`)}::${types[index] ?? ddl``} AS ${ident(column)}`,
  );
  return ddl`SELECT ${join(columns)} FROM ROWS FROM (${join(values)}) AS w (${join(names)})`;
};

/** By the index of the key; null: there is none that finds all of these. */
export const selectByKey = (
  end: TableEnd,
  keys: readonly KeyText[],
  extras: RowExtras = noExtras,
): Sql | null => {
  const typed = typedKeys(end.key, keys);
  if (!end.indexed || typed === null || keys.some((key) => key.includes(null))) return null;
  const columns = join(end.key.map(({ column }) => ident(column)));
  return selectRows(end, ddl`(${columns}) IN (${typed})`, extras);
};

/** By the hash of the key, which reads the whole table. */
export const selectByHash = (
  end: TableEnd,
  hashes: readonly string[],
  extras: RowExtras = noExtras,
): Sql => selectRows(end, sql`${keyHash(end)} = ANY (${hashes}::int8[])`, extras);
