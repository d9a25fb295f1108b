// The definitions of a database as the DDL engine reads them, on a session of ours. Only this folder looks
// inside.

import { buildFactBase, encodeId, type FactBase, type StableId } from '@supabase/pg-delta';
import { extract } from '@supabase/pg-delta/extract';
import type { Session } from '../../postgres/session.ts';
import { engineSql, sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';
import { corrected } from './corrections.ts';

export interface EngineFacts {
  readonly base: FactBase;
  /** Virtual generated columns (18+), as the engine encodes them: it does not tell them from stored ones. */
  readonly virtual: ReadonlySet<string>;
  /** Whether this server can have such columns. */
  readonly canBeVirtual: boolean;
  /** Tables, as the engine encodes them, that merge a column of theirs or of one parent with that of a parent. */
  readonly merged: ReadonlySet<string>;
}

type Pool = Parameters<typeof extract>[0];

/** The engine asks for a pool, and uses of it one client that takes statements without parameters. */
const poolOf = (session: Session): Pool => {
  const client = {
    query: async (text: string) => ({ rows: await session.query(engineSql(text)) }),
    release: () => undefined,
  };
  return { connect: async () => client } as unknown as Pool;
};

const virtualColumns = async (session: Session): Promise<ReadonlySet<string>> => {
  const rows = await session.query<VirtualColumn>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS "table", a.attname::text AS name
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE a.attgenerated = 'v' AND NOT a.attisdropped
     ORDER BY n.nspname, c.relname, a.attname`);
  return new Set(rows.map((row) => encodeId({ kind: 'column', ...row })));
};

interface VirtualColumn {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

const mergedTables = async (session: Session): Promise<ReadonlySet<string>> => {
  const rows = await session.query<Omit<VirtualColumn, 'table'>>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name
      FROM pg_catalog.pg_inherits AS h
      JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid AND c.relkind = 'r' AND NOT c.relispartition
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE h.inhseqno > 1 OR EXISTS (
             SELECT FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal AND a.attinhcount > 0)
     ORDER BY n.nspname, c.relname`);
  return new Set(rows.map((row) => encodeId({ kind: 'table', ...row })));
};

/**
 * From 17 on the NOT NULL of a domain is a constraint too, which older servers cannot be given; the domain itself says it
 * on all of them.
 */
const withoutNotNull = (base: FactBase): FactBase => {
  const said = base
    .facts()
    .filter(({ id, payload }) => id.kind === 'constraint' && payload.def === 'NOT NULL');
  if (said.length === 0) return base;
  const left = new Set(said.map(({ id }) => encodeId(id)));
  const stays = (id: StableId): boolean => !left.has(encodeId(id));
  return buildFactBase(
    base.facts().filter(({ id }) => stays(id)),
    base.edges.filter(({ from, to }) => stays(from) && stays(to)),
  );
};

/** Reads every definition in one READ ONLY transaction; the session must not be inside one. */
export const readFacts = async (session: Session): Promise<EngineFacts> => ({
  base: await corrected(session, withoutNotNull((await extract(poolOf(session))).factBase)),
  virtual: await virtualColumns(session),
  merged: await mergedTables(session),
  canBeVirtual: featuresOf(session.serverVersion).virtualColumns,
});
