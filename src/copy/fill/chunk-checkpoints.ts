// The copy checkpoints of initial copies on the target: which chunks are there. Its rows commit with the rows of the
// chunk.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { Load, TransferPart } from '../read/choose-transfers.ts';
import { describeRange } from '../read/copy-statements.ts';

/** Whose rows they are. */
export interface CheckpointKey {
  readonly subscription: string;
  readonly runId: string;
}

export interface CopiedPart extends TransferPart {
  readonly rows: number;
  readonly bytes: number;
  /** Of the rows as COPY sends them; null: they were only relayed from one server to the other. */
  readonly sha256: string | null;
}

/** In the transaction that stored the rows, and in none of its savepoints: their xmin is its id. */
export const recordChunks = async (
  session: Session,
  { subscription, runId }: CheckpointKey,
  copied: readonly CopiedPart[],
): Promise<void> => {
  await session.query(sql`
    INSERT INTO steep_repl.copy_chunks
           (subscription, table_schema, table_name, chunk, chunks, range, rows, bytes, sha256, run_id, xid)
    SELECT ${subscription}, t.*, ${runId}, pg_catalog.pg_current_xact_id()
      FROM ROWS FROM (
        pg_catalog.unnest(${copied.map(({ transfer }) => transfer.table.name.schema)}::text[]),
        pg_catalog.unnest(${copied.map(({ transfer }) => transfer.table.name.name)}::text[]),
        pg_catalog.unnest(${copied.map(({ chunk }) => chunk.number)}::int4[]),
        pg_catalog.unnest(${copied.map(({ transfer }) => transfer.chunks.length)}::int4[]),
        pg_catalog.unnest(${copied.map(({ chunk }) => describeRange(chunk))}::text[]),
        pg_catalog.unnest(${copied.map(({ rows }) => rows)}::int8[]),
        pg_catalog.unnest(${copied.map(({ bytes }) => bytes)}::int8[]),
        pg_catalog.unnest(${copied.map(({ sha256 }) => sha256)}::text[])) AS t`);
};

/** Rows and bytes of this chunk, if this run has stored it. */
const findChunk = async (
  session: Session,
  { subscription, runId }: CheckpointKey,
  { transfer, chunk }: TransferPart,
): Promise<Pick<CopiedPart, 'rows' | 'bytes' | 'sha256'> | null> => {
  const { schema, name } = transfer.table.name;
  const [row] = await session.query<Pick<CopiedPart, 'rows' | 'bytes' | 'sha256'>>(sql`
    SELECT c.rows, c.bytes, c.sha256 FROM steep_repl.copy_chunks AS c
     WHERE c.subscription = ${subscription} AND c.table_schema = ${schema} AND c.table_name = ${name}
       AND c.chunk = ${chunk.number} AND c.run_id = ${runId}`);
  return row ?? null;
};

/** What this run has stored of the load, which commits as a whole: the first chunk speaks for all. Null: nothing. */
export const findLoad = async (
  session: Session,
  key: CheckpointKey,
  load: Load,
): Promise<readonly CopiedPart[] | null> => {
  const found: CopiedPart[] = [];
  for (const part of load.parts) {
    const row = await findChunk(session, key, part);
    if (row === null) return null;
    found.push({ ...part, ...row });
  }
  return found;
};

/** Whether anything is left of a copy of this subscription. */
export const isBegun = async (session: Session, subscription: string): Promise<boolean> => {
  const [row] = await session.query<{ readonly begun: boolean }>(sql`
    SELECT EXISTS (SELECT FROM steep_repl.copy_chunks AS c WHERE c.subscription = ${subscription})
        OR EXISTS (SELECT FROM steep_repl.copy_postponed AS p WHERE p.subscription = ${subscription}) AS begun`);
  return row?.begun === true;
};

/** Whether another run than this one has brought any of it. */
export const hasEarlierRows = async (
  session: Session,
  { subscription, runId }: CheckpointKey,
): Promise<boolean> => {
  const [row] = await session.query<{ readonly earlier: boolean }>(sql`
    SELECT EXISTS (SELECT FROM steep_repl.copy_chunks AS c
                    WHERE c.subscription = ${subscription} AND c.run_id <> ${runId}) AS earlier`);
  return row?.earlier === true;
};

export interface CheckpointRow {
  readonly table: QualifiedName;
  readonly chunk: number;
  readonly sha256: string | null;
}

/** All chunks that are there. */
export const readCheckpoints = async (
  session: Session,
  subscription: string,
): Promise<readonly CheckpointRow[]> => {
  const rows = await session.query<QualifiedName & Omit<CheckpointRow, 'table'>>(sql`
    SELECT c.table_schema AS schema, c.table_name AS name, c.chunk, c.sha256
      FROM steep_repl.copy_chunks AS c
     WHERE c.subscription = ${subscription}
     ORDER BY c.table_schema, c.table_name, c.chunk`);
  return rows.map(({ schema, name, ...rest }) => ({ ...rest, table: { schema, name } }));
};

/** Tables (by formatName) with the chunks that are there. */
export const countChunks = async (
  session: Session,
  subscription: string,
): Promise<ReadonlyMap<string, number>> => {
  const rows = await session.query<QualifiedName & { readonly chunks: number }>(sql`
    SELECT c.table_schema AS schema, c.table_name AS name, pg_catalog.count(*) AS chunks
      FROM steep_repl.copy_chunks AS c
     WHERE c.subscription = ${subscription}
     GROUP BY c.table_schema, c.table_name
     ORDER BY 1, 2`);
  return new Map(rows.map(({ schema, name, chunks }) => [formatName({ schema, name }), chunks]));
};

/** What the checkpoints say that a table holds. */
export interface StoredRows {
  readonly table: QualifiedName;
  readonly rows: number;
  /** The transactions that stored them, as their xmin shows them. */
  readonly xids: readonly string[];
  /** Whether they are all on record: not where an older version of steep has copied. */
  readonly recorded: boolean;
}

/** Of those of the tables that have checkpoints. */
export const readStoredRows = async (
  session: Session,
  subscription: string,
  tables: readonly QualifiedName[],
): Promise<readonly StoredRows[]> => {
  const rows = await session.query<QualifiedName & Omit<StoredRows, 'table'>>(sql`
    SELECT c.table_schema AS schema, c.table_name AS name, pg_catalog.sum(c.rows)::int8 AS rows,
           pg_catalog.array_agg(DISTINCT c.xid::pg_catalog.xid::text) AS xids,
           pg_catalog.bool_and(c.xid IS NOT NULL) AS recorded
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
      JOIN steep_repl.copy_chunks AS c ON c.table_schema = t.schema AND c.table_name = t.name
     WHERE c.subscription = ${subscription}
     GROUP BY c.table_schema, c.table_name
     ORDER BY 1, 2`);
  return rows.map(({ schema, name, ...rest }) => ({ ...rest, table: { schema, name } }));
};

/** The tables that have rows of this copy, wholly or in part. */
export const readCopiedTables = async (
  session: Session,
  subscription: string,
): Promise<readonly QualifiedName[]> =>
  session.query<QualifiedName>(sql`
    SELECT DISTINCT c.table_schema AS schema, c.table_name AS name FROM steep_repl.copy_chunks AS c
     WHERE c.subscription = ${subscription}
     ORDER BY 1, 2`);

/** In the transaction that empties the table. */
export const forgetTable = async (
  session: Session,
  subscription: string,
  table: QualifiedName,
): Promise<void> => {
  await session.query(sql`
    DELETE FROM steep_repl.copy_chunks AS c
     WHERE c.subscription = ${subscription} AND c.table_schema = ${table.schema} AND c.table_name = ${table.name}`);
};
