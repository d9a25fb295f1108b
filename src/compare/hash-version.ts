// Whether hashes of two servers can be compared: the method, and what it makes of values that are known.

import type { Session } from '../postgres/session.ts';
import { ddl, ident, join, literal, type Sql, sql } from '../postgres/sql/sql.ts';
import { type HashedColumn, rowHash } from './row-hash.ts';

/** Goes up with every change of what a row hash is. 1 was the sum of hash_record_extended() of the rows. */
const method = 2;

/** One of each way in which values are hashed: what a major, or a processor, could do differently. */
const known: readonly (readonly [type: string, output: string, value: string])[] = [
  ['text', 'textout', 'grüße'],
  ['bytea', 'byteaout', '\\x00ff5c'],
  ['uuid', 'uuid_out', '6ccd780c-baba-1026-9564-5b8c656024db'],
  ['timestamp', 'timestamp_out', '2026-01-02 03:04:05.678901'],
  ['timestamptz', 'timestamptz_out', '1969-12-31 23:59:59.999999+00'],
  ['int8', 'int8out', '-4294967296'],
  ['numeric', 'numeric_out', '-12345678901234567890.10'],
  ['float4', 'float4out', '0.1'],
  ['float8', 'float8out', '-0.1428571428571428'],
  ['bpchar', 'bpcharout', 'a '],
  ['date', 'date_out', '0044-03-15 BC'],
  ['interval', 'interval_out', '1 mon -2 days 03:04:05.6'],
  ['jsonb', 'jsonb_out', '{"b": [1.50, null], "a": "\\""}'],
  ['_text', 'array_out', '{NULL,"NULL",""}'],
  ['int4range', 'range_out', '[1,5)'],
  ['inet', 'inet_out', '10.0.0.1/8'],
];

const columns: readonly HashedColumn[] = known.map(([builtIn, output], index) => ({
  column: `c${index}`,
  base: null,
  builtIn,
  output,
}));

const values: Sql = join(
  known.map(
    ([type, , value], index) =>
      ddl`${literal(value)}::pg_catalog.${ident(type)} AS ${ident(`c${index}`)}`,
  ),
);

/** Hashes of rows mean the same on two servers exactly where this is the same. */
export const readHashVersion = async (session: Session): Promise<string> => {
  const [row] = await session.query<{ readonly answer: string }>(
    sql`SELECT ${rowHash(columns)}::text AS answer FROM (SELECT ${values}) AS known`,
  );
  return `${method}:${row?.answer ?? ''}`;
};
