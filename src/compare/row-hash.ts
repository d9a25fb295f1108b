// SQL: the hash of a row. Equal on every major and on every server for rows whose values are the same as text, whatever
// identifiers the server gave to types. Assumes the settings of steep's sessions. Pure.

import type { QualifiedName } from '../model/identifier.ts';
import { ddl, ident, join, qualified, type Sql } from '../postgres/sql/sql.ts';

/** A column as its values are hashed. */
export interface HashedColumn {
  readonly column: string;
  /** Of a domain, the type below it; null: the column is of no domain. */
  readonly base: QualifiedName | null;
  /** The name of its type, or of the type below it, where that is a type of pg_catalog. */
  readonly builtIn: string | null;
  /** The function of pg_catalog that writes its values as text; null: an extension has it, or it is of another type. */
  readonly output: string | null;
}

/** Any but 0: with 0, NULL and a zero have the same hash. */
const seed: Sql = ddl`6148914691236517205`;

/**
 * A 64-bit integer. `hash_record_extended` alone is a sum of the hashes of the columns, each times a constant: added up
 * over rows it would not change where two rows swap a value, so the result of each row is hashed again. The hash of
 * NULL is 0, that of any value is not (but by chance, once in 2^64).
 */
export const rowHash = (columns: readonly HashedColumn[]): Sql =>
  hashRecord(ddl`pg_catalog.int8send(${hashRecord(join(columns.map(hashedValue)))})`);

const hashRecord = (fields: Sql): Sql =>
  ddl`pg_catalog.hash_record_extended(ROW(${fields}), ${seed})`;

/**
 * Only what is hashed byte by byte is hashed as it is. Other hash functions of PostgreSQL follow equality: that of
 * bigint (and of timestamps) folds its halves, that of numeric leaves the sign out, those of enums and of reg* types see
 * identifiers of the server.
 */
const hashedValue = ({ column, base, builtIn, output }: HashedColumn): Sql => {
  // A domain to the type below it: no function runs, and a cast that a user defined does not count.
  const value = base === null ? ident(column) : ddl`${ident(column)}::${qualified(base)}`;
  if (builtIn === 'text' || builtIn === 'varchar') return ddl`${value} ${bytewise}`;
  if (builtIn === 'bytea' || builtIn === 'uuid') return value;
  // As text it would take most of the time: eight bytes, the same on every version.
  if (builtIn === 'timestamp') return ddl`pg_catalog.timestamp_send(${value})`;
  if (builtIn === 'timestamptz') return ddl`pg_catalog.timestamptz_send(${value})`;
  // Without the zeros at its end, of which a wider column has more.
  if (builtIn === 'numeric') return printed('numeric_out', ddl`pg_catalog.trim_scale(${value})`);
  if (output !== null) return printed(output, value);
  return ddl`ROW(${value})::text ${bytewise}`;
};

/**
 * The value as text, as the row hash counts it. Not through a cast: that may be a function of the owner of the type.
 */
export const valueText = ({ column, base, builtIn, output }: HashedColumn): Sql => {
  const value = base === null ? ident(column) : ddl`${ident(column)}::${qualified(base)}`;
  if (builtIn === 'numeric') return printed('numeric_out', ddl`pg_catalog.trim_scale(${value})`);
  // Of NULL, ROW() would make a text.
  return output === null
    ? ddl`CASE WHEN ${value} IS NOT DISTINCT FROM NULL THEN NULL ELSE ROW(${value})::text END`
    : printed(output, value);
};

/** A collation that ignores case, or that a library changes, must not count. */
const bytewise: Sql = ddl`COLLATE pg_catalog."C"`;

/** Through the output function, as COPY does it: a cast to text may be a function of the owner of the type. */
const printed = (output: string, value: Sql): Sql =>
  ddl`pg_catalog.textin(${qualified({ schema: 'pg_catalog', name: output })}(${value})) ${bytewise}`;
