// The two COPY statements of a chunk. Pure.

import { formatName } from '../../model/identifier.ts';
import {
  ddl,
  ident,
  join,
  literal,
  qualified,
  type Sql,
  verbatim,
} from '../../postgres/sql/sql.ts';
import { type Chunk, isWhole, type Transfer } from '../fill/copy-table.ts';

/**
 * Reads the rows of the chunk. ONLY: children by inheritance are tables of their own, and leaves of a
 * partitioned table are read one by one. COPY of a table by name is the cheaper form where nothing is chosen.
 */
export const copyOutStatement = (transfer: Transfer, chunk: Chunk): Sql => {
  const { columns, filter } = transfer.table;
  const list = join(columns.map(({ name }) => ident(name)));
  const heap = qualified(chunk.heap.name);
  const plain =
    isWhole(chunk) &&
    chunk.heap.ranges &&
    filter === null &&
    columns.length > 0 &&
    columns.every(({ generated }) => !generated);
  const rows = plain
    ? ddl`${heap} (${list})`
    : ddl`(SELECT ${list} FROM ONLY ${heap}${where(transfer, chunk)})`;
  return ddl`COPY ${rows} TO STDOUT WITH (${options(transfer)})`;
};

/** A partitioned target finds the partition of each row by itself. `columns`: in the order of the values. */
export const copyInStatement = (transfer: Transfer, columns: readonly string[]): Sql => {
  const { name } = transfer.table;
  const list = columns.length === 0 ? ddl`` : ddl` (${join(columns.map(ident))})`;
  return ddl`COPY ${qualified(name)}${list} FROM STDIN WITH (${options(transfer)})`;
};

function where(transfer: Transfer, chunk: Chunk): Sql {
  const { filter } = transfer.table;
  const conditions = [
    ...(isWhole(chunk) ? [] : [ddl`ctid >= ${tid(chunk.fromBlock)}`]),
    ...(chunk.toBlock === null ? [] : [ddl`ctid < ${tid(chunk.toBlock)}`]),
    ...(filter === null ? [] : [ddl`(${verbatim(filter)})`]),
  ];
  return conditions.length === 0 ? ddl`` : ddl` WHERE ${join(conditions, ' AND ')}`;
}

const tid = (block: number): Sql => ddl`${literal(`(${block},0)`)}::pg_catalog.tid`;

function options({ format, encoding }: Transfer): Sql {
  return join([
    format === 'binary' ? ddl`FORMAT binary` : ddl`FORMAT text`,
    ...(encoding === null ? [] : [ddl`ENCODING ${literal(encoding)}`]),
  ]);
}

/** For people and the copy checkpoints: which rows of the source a chunk has. */
export const describeRange = ({ heap, fromBlock, toBlock }: Chunk): string =>
  `${formatName(heap.name)} [${fromBlock},${toBlock ?? ''})`;
