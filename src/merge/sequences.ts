// The sequences of merged tables: so that both nodes never draw the same number, one draws odd and the other even
// ones, both above all that are in use.

import { type QualifiedName, quoteIdentifier } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { fedSequences } from '../postgres/sql/fed-sequences.ts';
import { ddl, ident, qualified, sql, verbatim } from '../postgres/sql/sql.ts';
import type { BothNodes } from './merged-table.ts';

interface Sequence extends QualifiedName {
  /** The column, the same on both nodes. */
  readonly feeds: string;
  readonly tableSchema: string;
  readonly tableName: string;
  readonly column: string;
  readonly increment: string;
}

/** In the transactions that hold the tables. Returns the names of sequences that were left as they are. */
export const separateSequences = async (
  sides: BothNodes,
  tables: readonly QualifiedName[],
): Promise<readonly string[]> => {
  const [ofA, ofB] = [await readFed(sides.a, tables), await readFed(sides.b, tables)];
  const left: string[] = [];
  for (const a of ofA) {
    const b = ofB.find(({ feeds }) => feeds === a.feeds);
    if (b === undefined) continue;
    const own = [
      { session: sides.a, sequence: a, rest: 1n },
      { session: sides.b, sequence: b, rest: 0n },
    ];
    const known = ['1', '2'];
    if (own.some(({ sequence }) => !known.includes(sequence.increment))) {
      left.push(`${quoteIdentifier(a.schema)}.${quoteIdentifier(a.name)}`);
      continue;
    }
    let highest = 0n;
    for (const { session, sequence } of own) {
      const used = await readHighest(session, sequence);
      if (used > highest) highest = used;
    }
    for (const { session, sequence, rest } of own) {
      const next = highest + 1n;
      const start = next % 2n === rest ? next : next + 1n;
      await session.query(
        ddl`ALTER SEQUENCE ${qualified(sequence)} INCREMENT BY 2 RESTART WITH ${verbatim(String(start))}`,
      );
    }
  }
  return left;
};

const readFed = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly Sequence[]> =>
  session.query<Sequence>(sql`
    WITH fed (sequence, relid, attnum, owned) AS (${fedSequences})
    SELECT DISTINCT ON (n.nspname, s.relname) n.nspname AS schema, s.relname AS name,
           t.schema AS "tableSchema", t.name AS "tableName", a.attname AS column,
           pg_catalog.json_build_array(t.schema, t.name, a.attname)::text AS feeds, q.seqincrement::text AS increment
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])) AS t (schema, name)
      JOIN pg_catalog.pg_namespace AS tn ON tn.nspname = t.schema
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = tn.oid AND c.relname = t.name
      JOIN fed AS f ON f.relid = c.oid
      JOIN pg_catalog.pg_class AS s ON s.oid = f.sequence AND s.relkind = 'S'
      JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = s.oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.relid AND a.attnum = f.attnum
     ORDER BY n.nspname, s.relname, feeds`);

/** Of the sequence and of its column, which rows may have got otherwise. */
const readHighest = async (session: Session, sequence: Sequence): Promise<bigint> => {
  const table = { schema: sequence.tableSchema, name: sequence.tableName };
  const [row] = await session.query<{ readonly highest: string }>(sql`
    SELECT greatest(q.last_value, (SELECT pg_catalog.max(t.${ident(sequence.column)}) FROM ${qualified(table)} AS t)::int8)::text AS highest
      FROM ${qualified(sequence)} AS q`);
  return BigInt(row?.highest ?? 0);
};
