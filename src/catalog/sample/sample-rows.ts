// What the rows of a copy weigh on their way: counted of small tables, and of a few blocks of large ones; and how many there
// are, as the planner of the server estimates it for the very SELECT that a copy runs. Read-only, and for a limited time.

import { formatName } from '../../model/identifier.ts';
import type { RowSample, WantedSample } from '../../model/plan/row-sample.ts';
import type { Address } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { onlyTable } from '../../postgres/sql/named-tables.ts';
import { ddl, ident, join, literal, type Sql, sql, verbatim } from '../../postgres/sql/sql.ts';
import { type Access, limited, look, rowBytes, type SampleLimits } from './sample-access.ts';

/** Tables up to this size are read as a whole. */
const smallBytes = 128 * 1024;
const smallTables = 200;
const largeTables = 20;

/** Of a large table: so many blocks, from its first to its last, and so many places for rows of each; a block has no more than 291. */
interface Extent {
  readonly blocks: number;
  readonly places: number;
}

/** A few rows, which may be large; then, if these came quickly, whole blocks. */
const few: Extent = { blocks: 6, places: 6 };
const whole: Extent = { blocks: 12, places: 291 };

/** By the address of the copy. What could not be read in time, or may not be, has none. */
export type RowSamples = ReadonlyMap<Address, RowSample>;

const condition = ({ where }: WantedSample): Sql =>
  where === null ? ddl`true` : ddl`(${verbatim(where)})`;

/** Rows that are there, those of them that are sent, and what these weigh. */
const counts = (wanted: WantedSample): Sql => sql`
  pg_catalog.count(*)::float8 AS found,
  pg_catalog.count(*) FILTER (WHERE ${condition(wanted)})::float8 AS sent,
  pg_catalog.sum(${rowBytes(wanted)}) FILTER (WHERE ${condition(wanted)})::float8 AS bytes`;

interface Counted {
  readonly found: number;
  readonly sent: number;
  readonly bytes: number | null;
}

const countAll = async (
  wanted: readonly WantedSample[],
  access: Access,
): Promise<readonly (readonly [Address, RowSample])[]> => {
  if (wanted.length === 0) return [];
  await limited(access);
  const queries = wanted.map(
    (it, index) =>
      sql`SELECT ${index}::int4 AS index, ${counts(it)} FROM ${onlyTable(it.table, access.kinds)} AS t`,
  );
  const rows = await access.session.query<Counted & { readonly index: number }>(
    join(queries, ' UNION ALL '),
  );
  return rows.flatMap(({ index, sent, bytes }) => {
    const { address } = wanted[index] ?? {};
    return address === undefined ? [] : [[address, { rows: sent, bytes: bytes ?? 0 }] as const];
  });
};

/** Blocks of a table, or of each of its partitions. */
const sizesOf = (name: Sql): Sql => sql`
  SELECT pg_catalog.pg_relation_size(p.oid) / pg_catalog.current_setting('block_size')::int8 AS blocks
    FROM (SELECT ${name}::pg_catalog.regclass::oid AS oid
           UNION SELECT r.relid::oid FROM pg_catalog.pg_partition_tree(${name}::pg_catalog.regclass) AS r) AS p`;

/** Every row of blocks all over the table, by its place: nothing else of the table is read. */
const sampleOf = (wanted: WantedSample, { kinds }: Access, { blocks, places }: Extent): Sql => {
  const name = literal(formatName(wanted.table));
  return sql`
  SELECT ${counts(wanted)},
         (SELECT pg_catalog.max(s.blocks) FROM (${sizesOf(name)}) AS s)::float8 AS pages,
         (SELECT pg_catalog.sum(s.blocks) FROM (${sizesOf(name)}) AS s)::float8 AS total
    FROM ${onlyTable(wanted.table, kinds)} AS t
   WHERE t.ctid = ANY (ARRAY(
           SELECT pg_catalog.format('(%s,%s)', o.block, i.place)::pg_catalog.tid
             FROM (SELECT DISTINCT pg_catalog.floor(m.pages * (k.part + 0.5) / ${blocks}::int4)::int8 AS block
                     FROM (SELECT pg_catalog.max(s.blocks) AS pages FROM (${sizesOf(name)}) AS s) AS m,
                          pg_catalog.generate_series(0, ${blocks - 1}::int4) AS k (part)) AS o,
                  pg_catalog.generate_series(1, ${places}::int4) AS i (place)))`;
};

/** As EXPLAIN (FORMAT JSON) prints it. */
type Explained = readonly {
  readonly Plan: { readonly 'Plan Rows': number; readonly 'Plan Width': number };
}[];

/** Of each message of a row, and of each value in it. */
const framing = { row: 2, value: 4 };

/** Of a table that was analyzed, its columns have a known width. */
const plannedRows = async (
  wanted: WantedSample,
  access: Access,
): Promise<{ readonly rows: number; readonly bytes: number }> => {
  await limited(access);
  const columns = join(wanted.columns.map((name) => ddl`t.${ident(name)}`));
  const [row] = await access.session.query<{ readonly 'QUERY PLAN': Explained }>(
    ddl`EXPLAIN (FORMAT JSON) SELECT ${columns} FROM ${onlyTable(wanted.table, access.kinds)} AS t WHERE ${condition(wanted)}`,
  );
  const { 'Plan Rows': rows = 0, 'Plan Width': width = 0 } = row?.['QUERY PLAN'][0]?.Plan ?? {};
  return { rows, bytes: rows * (width + framing.row + framing.value * wanted.columns.length) };
};

interface Sampled extends Counted {
  /** Of the largest partition, and of all together. */
  readonly pages: number;
  readonly total: number;
}

const readSample = async (
  wanted: WantedSample,
  access: Access,
  extent: Extent,
): Promise<Sampled | undefined> => {
  await limited(access);
  const [row] = await access.session.query<Sampled>(sampleOf(wanted, access, extent));
  return row;
};

const scaled = (rows: number, { sent, bytes }: Sampled): RowSample => ({
  rows: Math.round(rows),
  bytes: sent === 0 ? null : Math.round((rows * (bytes ?? 0)) / sent),
});

/** Of whole blocks. None of the rows is sent: those that are weigh what an average row of the table does. */
const scaledToAll = (rows: number, sampled: Sampled, { size }: WantedSample): RowSample => {
  const found = (sampled.found / Math.min(whole.blocks, sampled.pages)) * sampled.total;
  const { bytes, ...rest } = scaled(rows, sampled);
  return { ...rest, bytes: bytes ?? (found === 0 ? 0 : Math.round((rows * size) / found)) };
};

/** How much longer whole blocks may take than a few rows. */
const slowestShare = 10;

/** @param keep is told of each result, the better one last: the time may be over before it. */
const sampleLarge = async (
  wanted: WantedSample,
  access: Access,
  keep: (sample: RowSample) => void,
): Promise<void> => {
  const { rows: planned, bytes } = await plannedRows(wanted, access);
  const before = access.leftMs();
  const first = await readSample(wanted, access, few);
  // Of a table that was never analyzed, the planner guesses the number of rows from the types of its columns.
  if (first !== undefined && wanted.analyzed) {
    const sample = scaled(planned, first);
    keep({ ...sample, bytes: sample.bytes ?? bytes });
  }
  if (before - access.leftMs() > before / slowestShare) return;
  const all = await readSample(wanted, access, whole);
  if (all === undefined) return;
  // Of a table that was never analyzed, the planner only guesses how many rows a block has.
  const dense = (all.sent / Math.min(whole.blocks, all.pages)) * all.total;
  keep(scaledToAll(wanted.analyzed ? planned : dense, all, wanted));
};

/** Samples of these tables, the largest first; what there was no time for is left out. */
export const sampleRows = async (
  session: Session,
  wanted: readonly WantedSample[],
  { budgetMs, clock }: SampleLimits,
): Promise<RowSamples> => {
  const end = clock() + budgetMs;
  const leftMs = (): number => end - clock();
  const small = wanted.filter(({ size }) => size <= smallBytes).slice(0, smallTables);
  const large = wanted
    .filter(({ size }) => size > smallBytes)
    .toSorted((a, b) => b.size - a.size)
    .slice(0, largeTables);
  const found = new Map<Address, RowSample>(
    (await look(session, small, leftMs, (access, allowed) => countAll(allowed, access))) ?? [],
  );
  for (const one of large) {
    await look(session, [one], leftMs, async (access, [allowed]) => {
      if (allowed === undefined) return;
      await sampleLarge(allowed, access, (sample) => found.set(one.address, sample));
    });
  }
  return found;
};
