// Reads the permanent user tables of a database as replication sees them: one query for all of them, one for
// all columns. Takes no lock that an ALTER TABLE in progress would make it wait for.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { Column, IdentityMode, Table } from '../../model/state/table.ts';
import { actingRole } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';
import { identify, type Remembered } from '../metadata/ownership.ts';
import { readIdentityIndexes } from './read-identity-indexes.ts';
import { readTableSequences } from './read-table-sequences.ts';
import { readTableTraps } from './read-table-traps.ts';

/** In order of schema and name, as the server sorts bytes. `replicationRole`: whom subscribers connect as. */
export const readTables = async (
  session: Session,
  replicationRole: string | null,
): Promise<readonly Table[]> => {
  const traps = await readTableTraps(session, replicationRole);
  const sequences = await readTableSequences(session);
  const identities = await readIdentityIndexes(session);
  const rows = await session.query<TableRow>(tableQuery(session));
  const columns = await session.query<ColumnsRow>(columnQuery);
  const columnsOf = new Map(columns.map((row) => [row.oid, row.columns.map(toColumn)]));
  return rows.map((row) => ({
    ...toTable(row),
    columns: columnsOf.get(row.oid) ?? [],
    sequences: sequences.get(row.oid) ?? [],
    identityIndexes: identities.get(row.oid) ?? {},
    ...(traps.has(row.oid) && { traps: traps.get(row.oid) ?? {} }),
  }));
};

const toTable = (row: TableRow): Omit<Table, 'columns' | 'sequences' | 'traps'> => ({
  oid: row.oid,
  name: { schema: row.schema, name: row.name },
  identityMode: identityModes[row.identity] ?? 'nothing',
  identityIndex: row.identity === 'i' ? row.identity_index : null,
  identityColumns: row.identity_columns,
  keyColumns: row.key_columns,
  partitioned: row.partitioned,
  ...(row.partition_key !== null && { partitionKey: row.partition_key }),
  parent: row.parent,
  ...(row.parent_row !== null && { parentRow: row.parent_row }),
  ...(row.bound !== null && { bound: row.bound }),
  ...(row.schema_row !== null && { schemaRow: row.schema_row }),
  ...(row.file !== 0 && { file: row.file }),
  ownedByRole: row.owned_by_role,
  lockable: row.lockable,
  truncatable: row.truncatable,
  settable: row.settable,
  reachable: row.reachable,
  readable: row.readable,
  rowSecurity: row.row_security,
  rowsHidden: row.rows_hidden,
  checked: row.checked,
  owner: row.owner,
  ownerSuperuser: row.owner_superuser,
  ...(row.hidden_from_owner && { hiddenFromOwner: true }),
  estimatedRows: row.estimated_rows,
  bytes: row.bytes,
  hasRows: null,
});

/** REPLICA IDENTITY is a resource of its own, one for every table. */
export const identitiesOf = (
  tables: readonly Table[],
  node: NodeName,
  remembered: Remembered,
): readonly ResourceOf<'identity'>[] =>
  tables.map((table) => ({
    ...identify(remembered, node, 'identity', formatName(table.name)),
    spec: { table: table.name, mode: table.identityMode, index: table.identityIndex },
    observed: null,
  }));

const identityModes: Readonly<Record<string, IdentityMode>> = {
  d: 'default',
  f: 'full',
  n: 'nothing',
  i: 'index',
};

const toColumn = ([name, type, notNull, generated, number, row]: ColumnTuple): Column => ({
  name,
  type,
  notNull,
  generated,
  number,
  row,
});

/** Ordinary and partitioned tables of users that outlive a crash: unlogged and temporary ones are not published. */
const isUserTable: Sql = sql`
  c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', ${metadataSchema})
  AND n.nspname !~ '^pg_(toast|temp_)'`;

/** The index of an identity is valid and not deferrable; columns that it only INCLUDEs are not sent. */
const identityIndexes: Sql = sql`
  SELECT x.indrelid AS table_oid, x.indisprimary, x.indisreplident, ic.relname::text AS index,
         (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.position)
            FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) AS k (position)
            JOIN pg_catalog.pg_attribute AS a
              ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.position]) AS columns
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS ic ON ic.oid = x.indexrelid
   WHERE x.indisvalid AND x.indimmediate AND (x.indisprimary OR x.indisreplident)`;

/** pg_table_size would wait for who locks the table exclusively: the size at the last VACUUM has to do. */
const lockedTables: Sql = sql`
  SELECT DISTINCT k.relation FROM pg_catalog.pg_locks AS k
    JOIN pg_catalog.pg_database AS d ON d.oid = k.database AND d.datname = pg_catalog.current_database()
   WHERE k.locktype = 'relation' AND k.mode = 'AccessExclusiveLock'`;

/** Any of them lets a role LOCK TABLE in every mode (manual, LOCK). */
const lockPrivileges = ({ serverVersion }: Session): string =>
  `UPDATE, DELETE, TRUNCATE${featuresOf(serverVersion).maintainPrivilege ? ', MAINTAIN' : ''}`;

/** Of the role that applies, o, and of the owner, r; before 16 membership allows SET ROLE, since then that is a right of its own. */
const ownRights = (session: Session): Sql => sql`
  pg_catalog.pg_has_role(o.oid, c.relowner, 'USAGE') AS owned_by_role,
  pg_catalog.has_table_privilege(o.oid, c.oid, ${lockPrivileges(session)}) AS lockable,
  pg_catalog.has_table_privilege(o.oid, c.oid, 'TRUNCATE') AS truncatable,
  pg_catalog.pg_has_role(o.oid, c.relowner,
    ${featuresOf(session.serverVersion).createSubscriptionRole ? 'SET' : 'MEMBER'}) AS settable,
  pg_catalog.has_schema_privilege(o.oid, n.oid, 'USAGE') AS reachable,
  pg_catalog.has_table_privilege(o.oid, c.oid, 'SELECT') AS readable,
  CASE WHEN NOT c.relrowsecurity THEN 'none' WHEN c.relforcerowsecurity THEN 'forced' ELSE 'enabled' END AS row_security,
  c.relrowsecurity AND NOT COALESCE(a.rolsuper OR a.rolbypassrls, false)
    AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(o.oid, c.relowner, 'USAGE')) AS rows_hidden,
  c.relrowsecurity AND c.relforcerowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls AS hidden_from_owner`;

/** What replication does not fire or check, and a session of an ordinary role does. */
const checkedTables: Sql = sql`
  SELECT t.tgrelid FROM pg_catalog.pg_trigger AS t WHERE t.tgenabled = 'O' AND NOT t.tgisinternal
  UNION ALL SELECT k.conrelid FROM pg_catalog.pg_constraint AS k WHERE k.contype = 'f'`;

/** The dependency of the table `c` on its schema: only ALTER TABLE … SET SCHEMA writes it again. */
const schemaRow: Sql = sql`
  (SELECT pg_catalog.max(d.xmin::text) FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
      AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)`;

const tableQuery = (session: Session): Sql => sql`
  SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name,
         c.relkind = 'p' AS partitioned, c.relreplident::text AS identity, i.index AS identity_index,
         CASE WHEN c.relreplident = 'f'
              THEN ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
                          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                          ORDER BY a.attnum)
              ELSE i.columns END AS identity_columns,
         CASE WHEN c.relreplident = 'd' THEN i.columns
              ELSE (SELECT p.columns FROM (${identityIndexes}) AS p
                     WHERE p.table_oid = c.oid AND p.indisprimary) END AS key_columns,
         CASE WHEN c.relispartition
              THEN (SELECT pg_catalog.json_build_object('schema', pn.nspname, 'name', p.relname)
                      FROM pg_catalog.pg_inherits AS h
                      JOIN pg_catalog.pg_class AS p ON p.oid = h.inhparent
                      JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
                     WHERE h.inhrelid = c.oid) END AS parent,
         CASE WHEN c.relispartition
              THEN (SELECT h.xmin::text FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = c.oid) END AS parent_row,
         ${schemaRow} AS schema_row, c.relfilenode::int8 AS file,
         CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, 0) END AS bound,
         CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_key,
         ${ownRights(session)},
         c.oid IN (${checkedTables}) AS checked,
         r.rolname::text AS owner, r.rolsuper AS owner_superuser,
         CASE WHEN c.reltuples >= 0 THEN c.reltuples::int8 END AS estimated_rows,
         CASE WHEN c.relkind = 'p' THEN 0
              WHEN l.relation IS NULL THEN COALESCE(pg_catalog.pg_table_size(c.oid), 0)
              ELSE c.relpages::int8 * pg_catalog.current_setting('block_size')::int8 END AS bytes
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner
   CROSS JOIN (SELECT ${actingRole(session)} AS oid) AS o
    LEFT JOIN pg_catalog.pg_roles AS a ON a.oid = o.oid
    LEFT JOIN (${identityIndexes}) AS i
      ON i.table_oid = c.oid
     AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident)
    LEFT JOIN (${lockedTables}) AS l ON l.relation = c.oid
   WHERE ${isUserTable}
   ORDER BY n.nspname, c.relname`;

interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
  readonly identity: string;
  readonly identity_index: string | null;
  readonly identity_columns: readonly string[] | null;
  readonly key_columns: readonly string[] | null;
  readonly parent: QualifiedName | null;
  readonly parent_row: string | null;
  readonly bound: string | null;
  readonly schema_row: string | null;
  /** 0: it has none. */
  readonly file: number;
  readonly partition_key: string | null;
  readonly owned_by_role: boolean;
  readonly lockable: boolean;
  readonly truncatable: boolean;
  readonly settable: boolean;
  readonly reachable: boolean;
  readonly readable: boolean;
  readonly row_security: Table['rowSecurity'];
  readonly rows_hidden: boolean;
  readonly hidden_from_owner: boolean;
  readonly checked: boolean;
  readonly owner: string;
  readonly owner_superuser: boolean;
  readonly estimated_rows: number | null;
  readonly bytes: number;
}

/** In the order of the table; format_type spells out every schema but pg_catalog, since search_path is empty. */
const columnQuery: Sql = sql`
  SELECT c.oid::int8 AS oid,
         pg_catalog.json_agg(pg_catalog.json_build_array(
           a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated <> '',
           a.attnum, a.xmin::text)
           ORDER BY a.attnum) AS columns
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE ${isUserTable}
   GROUP BY c.oid
   ORDER BY c.oid`;

interface ColumnsRow {
  readonly oid: number;
  readonly columns: readonly ColumnTuple[];
}

type ColumnTuple = readonly [
  name: string,
  type: string,
  notNull: boolean,
  generated: boolean,
  number: number,
  row: string,
];
