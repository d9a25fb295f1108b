// Reads the publications of a database. Knows what a publication is, not whether it is a good one.

import type { PublicationMark } from '../../model/copy/manual-init.ts';
import {
  compareNames,
  compareText,
  everyTableOf,
  formatName,
  type QualifiedName,
} from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import {
  type PublicationObserved,
  type PublishedTable,
  type PublishOperation,
  publishOperations,
  type ResourceOf,
} from '../../model/state/resource.ts';
import type { Features } from '../../model/state/server.ts';
import type { Session } from '../../postgres/session.ts';
import { isExpression } from '../../postgres/sql/expression.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import {
  appliedNumbers,
  appliedText,
  identify,
  type Remembered,
  type RememberedObject,
} from '../metadata/ownership.ts';
import { readPublicationMarks } from './read-publication-marks.ts';

export const readPublications = async (
  session: Session,
  node: NodeName,
  features: Features,
  remembered: Remembered,
): Promise<readonly ResourceOf<'publication'>[]> => {
  const publications = await session.query<PublicationRow>(publicationQuery);
  if (publications.length === 0) return [];
  const tables = await session.query<TableRow>(
    features.filtersAndSchemas ? tableQuery : plainTableQuery,
  );
  const names = publications.map(({ name }) => name);
  const marks = await readPublicationMarks(session, names);
  const schemas = features.filtersAndSchemas ? await session.query<SchemaRow>(schemaQuery) : [];
  return publications.map((row) => {
    const identification = identify(remembered, node, 'publication', row.name);
    const applied = remembered.get(identification.address);
    return {
      ...identification,
      spec: {
        allTables: row.all_tables,
        tables: tables
          .filter(({ publication }) => publication === row.name)
          .map((table) => publishedTable(table, applied))
          .sort((a, b) => compareNames(a.table, b.table)),
        schemas: schemas
          .filter(({ publication }) => publication === row.name)
          .map(({ schema }) => schema)
          .sort(compareText),
        publish: publishOperations.filter((operation) => row[operation]),
        viaPartitionRoot: row.via_root,
        generatedColumns: row.generated === 's' ? 'stored' : 'none',
      },
      observed: observedOf(row, marks, [...tables, ...schemas], applied),
    };
  });
};

const observedOf = (
  { name, owner }: PublicationRow,
  marks: readonly PublicationMark[],
  rows: readonly (TableRow | SchemaRow)[],
  applied: RememberedObject | undefined,
): PublicationObserved | null => {
  const mark = marks.find((it) => it.name === name);
  if (mark === undefined) return null;
  const { oid, members, xmin } = mark;
  const memberOf = Object.fromEntries(
    rows
      .filter(({ publication }) => publication === name)
      .map((it) => ['name' in it ? formatName(it) : everyTableOf(it.schema), it.oid]),
  );
  const rewritten = appliedNumbers(applied, 'rewritten');
  return { oid, members, memberOf, rewritten, owner, ...(xmin === undefined ? {} : { xmin }) };
};

function publishedTable(row: TableRow, applied: RememberedObject | undefined): PublishedTable {
  const table: QualifiedName = { schema: row.schema, name: row.name };
  return {
    table,
    columns: row.columns === null ? null : [...row.columns].sort(compareText),
    where: row.filter === null ? null : userFilter(row.filter, formatName(table), applied),
  };
}

/**
 * PostgreSQL keeps a parsed filter, and prints it in its own words. While it prints what it printed when steep wrote
 * the filter, the text of the user is used for it.
 */
function userFilter(live: string, table: string, applied: RememberedObject | undefined): string {
  const raw = appliedText(applied, 'filters', table, 'raw');
  if (raw !== null && appliedText(applied, 'filters', table, 'deparsed') === live) return raw;
  const inner = live.startsWith('(') && live.endsWith(')') ? live.slice(1, -1) : live;
  return isExpression(inner) ? inner : live;
}

const publicationQuery: Sql = sql`
  SELECT p.pubname::text AS name, p.puballtables AS all_tables, p.pubinsert AS insert, p.pubupdate AS update,
         p.pubowner::int8 AS owner, p.pubdelete AS delete, p.pubtruncate AS truncate, p.pubviaroot AS via_root,
         pg_catalog.to_jsonb(p) ->> 'pubgencols' AS generated
    FROM pg_catalog.pg_publication AS p ORDER BY p.pubname`;

interface PublicationRow extends Readonly<Record<PublishOperation, boolean>> {
  readonly name: string;
  readonly owner: number;
  readonly all_tables: boolean;
  readonly via_root: boolean;
  /** n or s (18+); null before. */
  readonly generated: string | null;
}

/** Column lists and row filters came with 15. A filter cannot travel through JSON: pg_get_expr wants its tree. */
const tableQuery: Sql = sql`
  SELECT r.oid::int8 AS oid, p.pubname::text AS publication, n.nspname::text AS schema, c.relname::text AS name,
         (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
           WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) AS columns,
         pg_catalog.pg_get_expr(r.prqual, r.prrelid) AS filter
    FROM pg_catalog.pg_publication_rel AS r
    JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
    JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   ORDER BY p.pubname, n.nspname, c.relname`;

const plainTableQuery: Sql = sql`
  SELECT r.oid::int8 AS oid, p.pubname::text AS publication, n.nspname::text AS schema, c.relname::text AS name,
         NULL::text[] AS columns, NULL::text AS filter
    FROM pg_catalog.pg_publication_rel AS r
    JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
    JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   ORDER BY p.pubname, n.nspname, c.relname`;

interface TableRow {
  readonly oid: number;
  readonly publication: string;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly filter: string | null;
}

const schemaQuery: Sql = sql`
  SELECT s.oid::int8 AS oid, p.pubname::text AS publication, n.nspname::text AS schema
    FROM pg_catalog.pg_publication_namespace AS s
    JOIN pg_catalog.pg_publication AS p ON p.oid = s.pnpubid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = s.pnnspid
   ORDER BY p.pubname, n.nspname`;

interface SchemaRow {
  readonly oid: number;
  readonly publication: string;
  readonly schema: string;
}
