// Brings the sequences that feed copied columns as far as on the source, and never back. Sequences know no snapshot:
// read after the rows, they are ahead of them.

import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { SequencePosition } from '../../model/snapshot/snapshot.ts';
import type { Session } from '../../postgres/session.ts';
import { fedSequences } from '../../postgres/sql/fed-sequences.ts';
import { refuseViews } from '../../postgres/sql/named-tables.ts';
import { join, qualified, type Sql, sql } from '../../postgres/sql/sql.ts';

/** Of the sequences that feed columns of these tables. */
export const readSequencePositions = async (
  source: Session,
  tables: readonly QualifiedName[],
): Promise<readonly SequencePosition[]> => positionsOf(source, await readSequences(source, tables));

const positionsOf = async (
  source: Session,
  sequences: readonly Sequence[],
): Promise<readonly SequencePosition[]> => {
  const positions = await readPositions(source, sequences);
  return sequences.flatMap(({ oid, name, feeds }) => {
    const position = positions.get(oid);
    return position === undefined ? [] : [{ ...name, feeds, ...position }];
  });
};

/**
 * Only sequences that the owner of the table may advance too, and those that belong to its column: the default of a column
 * can name the sequence of another role.
 * @throws SteepError SEQUENCE_OF_OTHERS, once all others are advanced
 */
export const setSequences = async (
  target: Session,
  tables: readonly QualifiedName[],
  positions: readonly SequencePosition[],
): Promise<void> => {
  const sequences = await readSequences(target, tables);
  const others = await advanceAll(target, sequences, positions);
  if (others.length > 0) throw ofOthers(target.node, others);
};

/**
 * The same, of what the roles of both sessions may read and set: a copy by PostgreSQL does not need these rights.
 * Returns the names of sequences that had to stay behind.
 */
export const bringSequences = async (
  source: Session,
  target: Session,
  tables: readonly QualifiedName[],
): Promise<readonly string[]> => {
  const there = await readSequences(source, tables);
  const positions = await positionsOf(
    source,
    there.filter(({ isReadable }) => isReadable),
  );
  const here = await readSequences(target, tables);
  const mayBeSet = ({ isReadable, isSettable }: Sequence): boolean => isReadable && isSettable;
  const others = await advanceAll(target, here.filter(mayBeSet), positions);
  const unread = new Set(there.flatMap((it) => (it.isReadable ? [] : [it.feeds])));
  const left = here.filter((it) => !mayBeSet(it) || unread.has(it.feeds));
  return [...new Set([...left, ...others].map(({ name }) => formatName(name)))];
};

/** Returns those that it may not set, since the owner of the table may not. */
const advanceAll = async (
  target: Session,
  sequences: readonly Sequence[],
  positions: readonly SequencePosition[],
): Promise<readonly Sequence[]> => {
  const byFeed = new Map(positions.map((position) => [position.feeds, position]));
  const behind: Sequence[] = [];
  const before = await readPositions(target, sequences);
  for (const sequence of sequences) {
    const wanted = byFeed.get(sequence.feeds);
    const now = before.get(sequence.oid);
    if (!wanted?.called || now === undefined || !isBehind(sequence, now, wanted.value)) continue;
    if (sequence.isOwners) await advance(target, sequence, inStep(sequence, now, wanted.value));
    else behind.push(sequence);
  }
  return behind;
};

const ofOthers = (node: string, sequences: readonly Sequence[]): SteepError => {
  const named = sequences.map(({ name, feeds }) => `${formatName(name)} for ${columnOf(feeds)}`);
  return new SteepError(
    'SEQUENCE_OF_OTHERS',
    `Node ${node}: defaults of copied columns use sequences that are behind the source and that the owner of the table may not set, so steep does not set them either: ${named.join(', ')}.`,
    {
      suggestions: [
        'If the default is right, give the owner of the table the right: GRANT UPDATE ON SEQUENCE … TO …; or make the column own the sequence: ALTER SEQUENCE … OWNED BY …;',
        'Or drop the default, or set the sequence yourself: SELECT pg_catalog.setval(…);',
        'Then run the same command again.',
      ],
    },
  );
};

const columnOf = (feeds: string): string => {
  const [schema = '', name = '', column = ''] = JSON.parse(feeds) as readonly string[];
  return `${formatName({ schema, name })}.${quoteIdentifier(column)}`;
};

interface Sequence {
  readonly oid: number;
  readonly name: QualifiedName;
  /** The column, the same on both ends. */
  readonly feeds: string;
  readonly isAscending: boolean;
  readonly increment: string;
  /** The role of the session may read it, and may set it. */
  readonly isReadable: boolean;
  readonly isSettable: boolean;
  /** It belongs to the column, or the owner of the table may set it. */
  readonly isOwners: boolean;
}

/** One for each column that a sequence feeds. */
const readSequences = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly Sequence[]> => {
  const rows = await session.query<QualifiedName & Omit<Sequence, 'name'>>(sql`
    WITH wanted AS MATERIALIZED (
      SELECT c.oid, c.relowner, n.nspname, c.relname FROM ROWS FROM (
               pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
               pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])) AS t (schema, name)
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name),
    fed (sequence, relid, attnum, owned) AS (${fedSequences})
    SELECT s.oid::int8 AS oid, n.nspname AS schema, s.relname AS name,
           pg_catalog.json_build_array(w.nspname, w.relname, a.attname)::text AS feeds,
           q.seqincrement > 0 AS "isAscending", q.seqincrement::text AS increment,
           pg_catalog.has_sequence_privilege(s.oid, 'SELECT') AS "isReadable",
           pg_catalog.has_sequence_privilege(s.oid, 'UPDATE') AS "isSettable",
           pg_catalog.bool_or(f.owned OR pg_catalog.has_sequence_privilege(w.relowner, s.oid, 'UPDATE')) AS "isOwners"
      FROM wanted AS w
      JOIN fed AS f ON f.relid = w.oid
      JOIN pg_catalog.pg_class AS s ON s.oid = f.sequence AND s.relkind = 'S'
      JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = s.oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.relid AND a.attnum = f.attnum
     GROUP BY s.oid, n.nspname, s.relname, w.nspname, w.relname, a.attname, q.seqincrement
     ORDER BY n.nspname, s.relname, feeds`);
  return rows.map(({ schema, name, ...rest }) => ({ ...rest, name: { schema, name } }));
};

type Position = Pick<SequencePosition, 'value' | 'called'>;

const batchSize = 100;

/**
 * A sequence is locked by its oid first, which keeps others from renaming it, and then its name must mean it still: a table
 * or a view of that name would be read with the rights of steep.
 * @throws SteepError TABLE_REPLACED
 */
async function readPositions(
  session: Session,
  sequences: readonly Sequence[],
): Promise<ReadonlyMap<number, Position>> {
  const positions = new Map<number, Position>();
  for (let start = 0; start < sequences.length; start += batchSize) {
    const batch = sequences.slice(start, start + batchSize);
    await session.transaction({ readOnly: true }, async () => {
      await refuseViews(session, 'transaction');
      await lock(session, batch);
      for (const { oid, value, called } of await readBatch(session, batch)) {
        positions.set(oid, { value: String(value), called });
      }
    });
  }
  return positions;
}

/** pg_sequence_last_value() takes a lock until the end of the transaction, and tells nothing of a sequence that is unused. */
async function lock(session: Session, sequences: readonly Sequence[]): Promise<void> {
  await session.query(sql`
    SELECT pg_catalog.count(pg_catalog.pg_sequence_last_value(s.oid))
      FROM pg_catalog.unnest(${sequences.map(({ oid }) => oid)}::pg_catalog.oid[]) AS s (oid)`);
  const rows = await session.query<{ readonly oid: number }>(sql`
    SELECT c.oid::int8 AS oid
      FROM ROWS FROM (pg_catalog.unnest(${sequences.map(({ oid }) => oid)}::pg_catalog.oid[]),
                      pg_catalog.unnest(${sequences.map(({ name }) => formatName(name))}::text[])) AS s (oid, name)
      JOIN pg_catalog.pg_class AS c ON c.oid = s.oid AND c.oid = pg_catalog.to_regclass(s.name) AND c.relkind = 'S'`);
  const locked = new Set(rows.map(({ oid }) => oid));
  const replaced = sequences
    .filter(({ oid }) => !locked.has(oid))
    .map(({ name }) => formatName(name));
  if (replaced.length === 0) return;
  throw new SteepError(
    'TABLE_REPLACED',
    `Node ${session.node}: these sequences were renamed or dropped before steep could read them: ${replaced.join(', ')}. The objects that have these names now were not read.`,
    { suggestions: ['Run the same command again.'] },
  );
}

const readBatch = async (
  session: Session,
  sequences: readonly Sequence[],
): Promise<readonly PositionRow[]> => {
  const queries: readonly Sql[] = sequences.map(
    ({ oid, name }) =>
      sql`SELECT ${oid}::int8 AS oid, q.last_value AS value, q.is_called AS called FROM ${qualified(name)} AS q`,
  );
  return session.query<PositionRow>(join(queries, ' UNION ALL '));
};

interface PositionRow {
  readonly oid: number;
  /** Text where a number would not be exact. */
  readonly value: number | string;
  readonly called: boolean;
}

const isBehind = ({ isAscending }: Sequence, now: Position, wanted: string): boolean => {
  const [from, to] = [BigInt(now.value), BigInt(wanted)];
  return (isAscending ? from < to : from > to) || (!now.called && from === to);
};

/**
 * The next number, at the earliest that of the source, which the sequence would have drawn by itself: where two nodes draw
 * odd and even numbers, each keeps to its own.
 */
const inStep = ({ increment }: Sequence, now: Position, wanted: string): string => {
  const [by, from, to] = [BigInt(increment), BigInt(now.value), BigInt(wanted)];
  const rest = (to - from) % by;
  return String(rest === 0n ? to : to - rest + by);
};

/** Within its own bounds; and not where another session has advanced it since the look. */
const advance = (
  target: Session,
  { oid, isAscending }: Sequence,
  value: string,
): Promise<unknown> =>
  target.query(sql`
    SELECT pg_catalog.setval(s.seqrelid, least(greatest(${value}::int8, s.seqmin), s.seqmax), true)
      FROM pg_catalog.pg_sequence AS s, pg_catalog.pg_sequence_last_value(${oid}::pg_catalog.oid) AS now (value)
     WHERE s.seqrelid = ${oid}::pg_catalog.oid
       AND (now.value IS NULL OR CASE WHEN ${isAscending} THEN now.value < ${value}::int8 ELSE now.value > ${value}::int8 END)`);
