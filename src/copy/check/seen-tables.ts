// What the tables of a subscriber were made of when this run looked at their rows. A partition that is attached or detached,
// another table of that name and another file bring other rows, and no row that was read says so.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export interface SeenTables {
  /** Before their rows are read: what comes later is told by `moved`. */
  readonly look: (session: Session, tables: readonly QualifiedName[]) => Promise<void>;
  /** Of all tables of the node of this session that were looked at. */
  readonly moved: (session: Session) => Promise<TableMoves>;
}

export interface TableMoves {
  /** Their names mean other tables now, or none. */
  readonly replaced: readonly QualifiedName[];
  /** They have other partitions, or their rows are in another file: the rows may be the same. */
  readonly altered: readonly QualifiedName[];
}

export const makeSeenTables = (): SeenTables => {
  const nodes = new Map<NodeName, Map<string, SeenTable>>();
  return {
    look: async (session, tables) => {
      const seen = nodes.get(session.node) ?? new Map<string, SeenTable>();
      nodes.set(session.node, seen);
      const layouts = await readLayouts(session, tables);
      for (const table of tables) {
        const name = formatName(table);
        seen.set(name, { table, layout: layouts.get(name) });
      }
    },
    moved: async (session) => {
      const seen = [...(nodes.get(session.node)?.values() ?? [])];
      const tables = seen.map(({ table }) => table);
      const now = await readLayouts(session, tables);
      const others = (what: keyof Layout): readonly QualifiedName[] =>
        seen.flatMap(({ table, layout }) =>
          now.get(formatName(table))?.[what] === layout?.[what] ? [] : [table],
        );
      const replaced = others('oid');
      return { replaced, altered: others('parts').filter((table) => !replaced.includes(table)) };
    },
  };
};

interface SeenTable {
  readonly table: QualifiedName;
  /** Undefined: there was no table of this name. */
  readonly layout: Layout | undefined;
}

interface Layout {
  readonly oid: number;
  /** The file of the table, and each row of pg_inherits below it with its xmin, and the file of what it attaches. */
  readonly parts: string;
}

/** By formatName; without those that are not there. */
const readLayouts = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<ReadonlyMap<string, Layout>> => {
  if (tables.length === 0) return new Map();
  const rows = await session.query<QualifiedName & Layout>(sql`
    WITH RECURSIVE wanted (schema, name, oid) AS MATERIALIZED (
      SELECT t.schema, t.name, c.oid
        FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                        pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
        JOIN pg_catalog.pg_class AS c
          ON c.relnamespace = n.oid AND c.relname = t.name AND c.relkind IN ('r', 'p')),
    below (root, oid, parent, xmin) AS (
      SELECT w.oid, w.oid, NULL::pg_catalog.oid, NULL::pg_catalog.xid FROM wanted AS w
      UNION ALL
      SELECT b.root, h.inhrelid, h.inhparent, h.xmin
        FROM below AS b
        JOIN pg_catalog.pg_class AS c ON c.oid = b.oid AND c.relkind = 'p'
        JOIN pg_catalog.pg_inherits AS h ON h.inhparent = b.oid),
    parts (root, parts) AS (
      SELECT b.root, pg_catalog.string_agg(
               pg_catalog.concat_ws(' ', b.oid, c.relkind, c.relfilenode, b.parent, b.xmin), ',' ORDER BY b.oid)
        FROM below AS b JOIN pg_catalog.pg_class AS c ON c.oid = b.oid
       GROUP BY b.root)
    SELECT w.schema, w.name, w.oid::int8 AS oid, p.parts
      FROM wanted AS w JOIN parts AS p ON p.root = w.oid
     ORDER BY w.schema, w.name`);
  return new Map(rows.map(({ schema, name, ...layout }) => [formatName({ schema, name }), layout]));
};
