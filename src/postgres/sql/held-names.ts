// What no lock of a table keeps: the name of its schema, and the default of a domain of its columns. They are kept by locks
// of rows of the catalogs, which PostgreSQL permits only to superusers: the role of the session, or the owner of
// steep_repl.hold_names().

import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../session.ts';
import { isOtherRole } from '../trusted-roles.ts';
import { ddl, sql } from './sql.ts';

/** By the session itself, by the function, or not at all. */
type Holder = 'session' | 'function' | null;

interface Held {
  readonly holder: Holder;
  readonly schemas: readonly string[];
  readonly domains: readonly number[];
}

/** A function of another owner than a superuser could not take the locks, and is not called. */
const holder = sql`
  CASE WHEN pg_catalog.current_setting('transaction_read_only') = 'on' THEN NULL
       WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN 'session'
       WHEN EXISTS (SELECT FROM pg_catalog.pg_proc AS p
                      JOIN pg_catalog.pg_namespace AS m ON m.oid = p.pronamespace AND m.nspname = 'steep_repl'
                      JOIN pg_catalog.pg_roles AS o ON o.oid = p.proowner AND o.rolsuper
                     WHERE p.proname = 'hold_names' AND p.prosecdef
                       AND pg_catalog.has_schema_privilege(m.oid, 'USAGE')
                       AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')) THEN 'function' END`;

/**
 * Until the end of the transaction no role that is not trusted renames the schemas of these tables and gives their names to
 * others: a lock of a table does not keep its schema from being renamed.
 * @param tables `all`: every schema, for statements that name types and functions too.
 */
export const holdSchemas = async (
  session: Session,
  tables: readonly QualifiedName[] | 'all',
  nowait = false,
): Promise<void> => {
  if (tables.length === 0) return;
  const named =
    tables === 'all'
      ? sql`true`
      : sql`n.nspname = ANY (${[...new Set(tables.map(({ schema }) => schema))]}::text[])`;
  const [found] = await session.query<Held>(sql`
    SELECT ${holder} AS holder, '{}'::text[] AS domains,
           ARRAY(SELECT n.nspname::text FROM pg_catalog.pg_namespace AS n
                  WHERE ${named} AND ${isOtherRole(session, sql`n.nspowner`)}) AS schemas`);
  await hold(session, found, nowait);
};

/**
 * Until the end of the transaction no role that is not trusted changes the default of a domain that a column of these tables
 * would get: that takes no lock of the tables. A constraint can be added to the domain all the same.
 */
export const holdDomains = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<void> => {
  const [found] = await session.query<Held>(sql`
    SELECT ${holder} AS holder, '{}'::text[] AS schemas,
           ARRAY(SELECT DISTINCT d.oid::int8
                   FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                                   pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
                   JOIN pg_catalog.pg_attribute AS a ON a.attnum > 0 AND NOT a.attisdropped AND NOT a.atthasdef
                    AND a.attrelid = pg_catalog.to_regclass(
                          pg_catalog.quote_ident(t.schema) || '.' || pg_catalog.quote_ident(t.name))
                   JOIN pg_catalog.pg_type AS d ON d.oid = a.atttypid AND d.typtype = 'd'
                  WHERE ${isOtherRole(session, sql`d.typowner`)}) AS domains`);
  await hold(session, found, false);
};

const hold = async (session: Session, found: Held | undefined, nowait: boolean): Promise<void> => {
  if (found === undefined) return;
  const { holder: by, schemas, domains } = found;
  if (by === null || schemas.length + domains.length === 0) return;
  if (by === 'function') {
    await session.query(
      sql`SELECT steep_repl.hold_names(${[...schemas]}::name[], ${[...domains]}::oid[], ${nowait})`,
    );
    return;
  }
  if (schemas.length > 0) {
    await session.query(sql`
      SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY (${[...schemas]}::text[])
       ORDER BY n.nspname FOR KEY SHARE${nowait ? ddl` NOWAIT` : ddl``}`);
  }
  if (domains.length > 0) {
    await session.query(sql`
      SELECT FROM pg_catalog.pg_type AS t WHERE t.oid = ANY (${[...domains]}::oid[])
       ORDER BY t.oid FOR SHARE`);
  }
};
