// The pieces of CREATE and ALTER PUBLICATION that its executors share.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { PublicationSpec, PublishedTable } from '../../model/state/resource.ts';
import type { AlterPublication, PublicationSettings } from '../../model/step/publication-steps.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, ident, join, qualified, type Sql, sql, verbatim } from '../../postgres/sql/sql.ts';
import type { RunContext } from '../executor.ts';

/** `schema.table (columns) WHERE (filter)`. */
export const publishedTable = ({ table, columns, where }: PublishedTable): Sql => {
  const list = columns === null ? ddl`` : ddl` (${join(columns.map(ident))})`;
  const filter = where === null ? ddl`` : ddl` WHERE (${verbatim(where)})`;
  return ddl`${qualified(table)}${list}${filter}`;
};

const boolean = (value: boolean): Sql => (value ? ddl`true` : ddl`false`);

const operation = {
  insert: ddl`insert`,
  update: ddl`update`,
  delete: ddl`delete`,
  truncate: ddl`truncate`,
} as const;

/** The options in `WITH (…)` or `SET (…)`. */
export const publicationOptions = (settings: PublicationSettings): Sql => {
  const { publish, viaPartitionRoot, generatedColumns } = settings;
  return join([
    ...(publish === undefined
      ? []
      : [ddl`publish = '${join(publish.map((name) => operation[name]))}'`]),
    ...(viaPartitionRoot === undefined
      ? []
      : [ddl`publish_via_partition_root = ${boolean(viaPartitionRoot)}`]),
    ...(generatedColumns === undefined
      ? []
      : [
          generatedColumns === 'stored'
            ? ddl`publish_generated_columns = stored`
            : ddl`publish_generated_columns = none`,
        ]),
  ]);
};

/** Those that are there only while tables are copied. */
const ownPublication = /^steep_(without|copied)_/;

/** The whole statement; options are written out, so that a reader need not know the defaults. */
export const createPublicationSql = (
  name: string,
  spec: PublicationSpec,
  withGeneratedColumns: boolean,
): Sql => {
  // One of steep's own leaves tables out: without ONLY, PostgreSQL adds what inherits from the others.
  const written = (table: PublishedTable): Sql =>
    ownPublication.test(name) ? ddl`ONLY ${publishedTable(table)}` : publishedTable(table);
  const targets = [
    ...(spec.tables.length > 0 ? [ddl`TABLE ${join(spec.tables.map(written))}`] : []),
    ...(spec.schemas.length > 0 ? [ddl`TABLES IN SCHEMA ${join(spec.schemas.map(ident))}`] : []),
  ];
  const options = publicationOptions({
    publish: spec.publish,
    viaPartitionRoot: spec.viaPartitionRoot,
    ...(withGeneratedColumns ? { generatedColumns: spec.generatedColumns } : {}),
  });
  const target = targets.length > 0 ? ddl` FOR ${join(targets)}` : ddl``;
  return ddl`CREATE PUBLICATION ${ident(name)}${target} WITH (${options})`;
};

interface FilterRow {
  readonly schema: string;
  readonly name: string;
  readonly deparsed: string;
}

/**
 * What the server made of the row filters, beside the user's text: as long as the server still holds
 * that, the filter counts as the user wrote it.
 */
export const appliedFilters = async (
  session: Session,
  publication: string,
  tables: readonly PublishedTable[],
): Promise<Readonly<Record<string, unknown>>> => {
  const filtered = tables.filter(({ where }) => where !== null);
  if (filtered.length === 0) return {};
  const rows = await session.query<FilterRow>(sql`
    SELECT n.nspname AS schema, c.relname AS name,
           pg_catalog.pg_get_expr(r.prqual, r.prrelid) AS deparsed
      FROM pg_catalog.pg_publication AS p
      JOIN pg_catalog.pg_publication_rel AS r ON r.prpubid = p.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE p.pubname = ${publication} AND r.prqual IS NOT NULL
     ORDER BY 1, 2`);
  const raw = new Map(filtered.map(({ table, where }) => [formatName(table), where]));
  const filters = rows.flatMap((row) => {
    const text = raw.get(formatName(row));
    return text === undefined ? [] : [[formatName(row), { raw: text, deparsed: row.deparsed }]];
  });
  return { filters: Object.fromEntries(filters) };
};

/**
 * OIDs that a publication got in this transaction in place of former ones, and those of earlier ones: nothing that was
 * written is left out for it, so that nobody need look for missing rows. @param tables put back by it; null: all of it is new
 */
export const rewrittenOids = async (
  { node, publication, address }: Pick<AlterPublication, 'node' | 'publication' | 'address'>,
  tables: readonly QualifiedName[] | null,
  context: RunContext,
): Promise<Readonly<Record<string, unknown>>> => {
  const names = (tables ?? []).map(formatName);
  const now = await context.session(node).query<{ readonly oid: number }>(sql`
    SELECT p.oid::int8 AS oid FROM pg_catalog.pg_publication AS p
     WHERE p.pubname = ${publication} AND ${tables === null}
     UNION ALL
    SELECT r.oid::int8 FROM pg_catalog.pg_publication AS p
      JOIN pg_catalog.pg_publication_rel AS r ON r.prpubid = p.oid
     WHERE p.pubname = ${publication} AND r.prrelid = ANY (${names}::pg_catalog.regclass[])
     ORDER BY 1`);
  if (now.length === 0) return {};
  const before = await context.metadata(node).query<{ readonly oid: number }>(sql`
    SELECT e.oid::int8 AS oid FROM steep_repl.objects AS o
     CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(o.applied -> 'rewritten') AS e (oid)
     WHERE o.address = ${address}`);
  return { rewritten: [...new Set([...before, ...now].map(({ oid }) => oid))] };
};

/**
 * What an open transaction has changed before a name belongs to another publication is decoded with the catalog of that
 * time, in which the other publication sends nothing: it would be left out without an error. The lock waits for such
 * transactions, and keeps new ones away until COMMIT.
 */
export const lockWriters = (tables: readonly QualifiedName[]): readonly Sql[] =>
  tables.length === 0
    ? []
    : [ddl`LOCK TABLE ${join(tables.map(qualified))} IN SHARE ROW EXCLUSIVE MODE`];
