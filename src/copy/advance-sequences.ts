// Brings the sequences that feed copied columns as far as on the source, and never back. Sequences know no snapshot:
// read after the rows, they are ahead of them.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { SequencePosition } from '../model/snapshot.ts';
import type { Session } from '../postgres/session.ts';
import { join, literal, qualified, type Sql, sql } from '../postgres/sql.ts';

/** Of the sequences that feed columns of these tables. */
export const readSequencePositions = async (
  source: Session,
  tables: readonly QualifiedName[],
): Promise<readonly SequencePosition[]> => {
  const sequences = await readSequences(source, tables);
  const positions = await readPositions(source, sequences);
  return sequences.flatMap(({ name, feeds }, index) => {
    const position = positions[index];
    return position === undefined ? [] : [{ ...name, feeds, ...position }];
  });
};

export const advanceSequences = async (
  target: Session,
  tables: readonly QualifiedName[],
  positions: readonly SequencePosition[],
): Promise<void> => {
  const byFeed = new Map(positions.map((position) => [position.feeds, position]));
  for (const sequence of await readSequences(target, tables)) {
    const position = byFeed.get(sequence.feeds);
    if (position?.called) await advance(target, sequence, position.value);
  }
};

interface Sequence {
  readonly name: QualifiedName;
  /** The column, the same on both ends. */
  readonly feeds: string;
}

/** Owned by a column (serial, identity), or used in its default: one row for each column. */
const readSequences = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly Sequence[]> => {
  const rows = await session.query<QualifiedName & { readonly feeds: string }>(sql`
    WITH wanted AS MATERIALIZED (
      SELECT c.oid, n.nspname, c.relname FROM ROWS FROM (
               pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
               pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])) AS t (schema, name)
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name),
    fed (sequence, relid, attnum) AS (
      SELECT d.objid, d.refobjid, d.refobjsubid FROM pg_catalog.pg_depend AS d
       WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
         AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
      UNION
      SELECT d.refobjid, f.adrelid, f.adnum FROM pg_catalog.pg_depend AS d
        JOIN pg_catalog.pg_attrdef AS f ON f.oid = d.objid
       WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
         AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)
    SELECT n.nspname AS schema, s.relname AS name,
           pg_catalog.json_build_array(w.nspname, w.relname, a.attname)::text AS feeds
      FROM wanted AS w
      JOIN fed AS f ON f.relid = w.oid
      JOIN pg_catalog.pg_class AS s ON s.oid = f.sequence AND s.relkind = 'S'
      JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.relid AND a.attnum = f.attnum
     ORDER BY n.nspname, s.relname, feeds`);
  return rows.map(({ schema, name, feeds }) => ({ name: { schema, name }, feeds }));
};

type Position = Pick<SequencePosition, 'value' | 'called'>;

const batchSize = 100;

async function readPositions(
  session: Session,
  sequences: readonly Sequence[],
): Promise<readonly Position[]> {
  const positions: Position[] = [];
  for (let start = 0; start < sequences.length; start += batchSize) {
    const queries: readonly Sql[] = sequences
      .slice(start, start + batchSize)
      .map(
        ({ name }, index) =>
          sql`SELECT ${index}::int4 AS index, q.last_value::text AS value, q.is_called AS called FROM ${qualified(name)} AS q`,
      );
    const rows = await session.query<Position>(sql`${join(queries, ' UNION ALL ')} ORDER BY index`);
    positions.push(...rows);
  }
  return positions;
}

/** In its own direction, within its own bounds, and only where it has not come as far yet. */
const advance = (target: Session, { name }: Sequence, value: string): Promise<unknown> => {
  const text = formatName(name);
  return target.query(sql`
    SELECT pg_catalog.setval(s.seqrelid, least(greatest(${value}::int8, s.seqmin), s.seqmax), true)
      FROM pg_catalog.pg_sequence AS s, ${qualified(name)} AS q
     WHERE s.seqrelid = ${literal(text)}::pg_catalog.regclass
       AND CASE WHEN s.seqincrement > 0 THEN q.last_value < ${value}::int8 ELSE q.last_value > ${value}::int8 END
        OR (s.seqrelid = ${literal(text)}::pg_catalog.regclass AND NOT q.is_called AND q.last_value = ${value}::int8)`);
};
