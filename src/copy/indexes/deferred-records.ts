// What a copy deferred, on record on the target: written down, read, and re-created. Each in one transaction with the
// end of its row, so that it is made exactly once, whatever crashes.

import type { Session } from '../../postgres/session.ts';
import { engineSql, sql } from '../../postgres/sql/sql.ts';
import { type CodeGuard, lockAndGuard } from '../check/code-guard.ts';
import type { DeferredObject } from './deferred-object.ts';
import { assertRebuilds } from './rebuild-statements.ts';

/** In the transaction that drops the object. */
export const recordDeferred = async (
  session: Session,
  subscription: string,
  deferred: readonly DeferredObject[],
): Promise<void> => {
  for (const { id, table, kind, name, statements } of deferred) {
    await session.query(sql`
      INSERT INTO steep_repl.copy_postponed
             (subscription, id, table_schema, table_name, kind, name, statements)
      VALUES (${subscription}, ${id}, ${table.schema}, ${table.name}, ${kind}, ${name}, ${statements}::text[])`);
  }
};

export const readDeferred = async (
  session: Session,
  subscription: string,
): Promise<readonly DeferredObject[]> => {
  const rows = await session.query<DeferredRow>(sql`
    SELECT p.id, p.table_schema AS schema, p.table_name, p.kind, p.name, p.statements
      FROM steep_repl.copy_postponed AS p
     WHERE p.subscription = ${subscription}
     ORDER BY p.id`);
  return rows.map(({ schema, table_name, ...rest }) => ({
    ...rest,
    table: { schema, name: table_name },
  }));
};

interface DeferredRow extends Omit<DeferredObject, 'table'> {
  readonly schema: string;
  readonly table_name: string;
}

/** The same name on the same table; a validation is due in any case. */
const isThere = async (session: Session, deferred: DeferredObject): Promise<boolean> => {
  const { table, kind, name } = deferred;
  if (isValidation(deferred)) return false;
  const [row] = await session.query<{ readonly there: boolean }>(sql`
    SELECT CASE ${kind}::text
             WHEN 'index' THEN EXISTS (
               SELECT FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
                WHERE x.indrelid = c.oid AND i.relname = ${name})
             ELSE EXISTS (
               SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.conname = ${name}) END AS there
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = ${table.schema} AND c.relname = ${table.name}`);
  return row?.there === true;
};

/** Validation is on record as a step of its own, after the one that adds the foreign key. */
export const isValidation = ({ kind, statements }: DeferredObject): boolean =>
  kind === 'foreign key' && !statements.some((text) => / ADD CONSTRAINT /.test(text));

/**
 * VALIDATE names a constraint, and the owner of the table may have given its name to a check, or to a foreign key of other
 * columns. No default runs: all columns count as given.
 */
const guardValidation = async (
  session: Session,
  guard: CodeGuard,
  { table }: DeferredObject,
): Promise<void> => {
  const columns = await session.query<{ readonly name: string }>(sql`
    SELECT a.attname::text AS name
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relname = ${table.name}
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = ${table.schema}
     WHERE a.attnum > 0 AND NOT a.attisdropped`);
  const used = { name: table, columns: columns.map(({ name }) => name) };
  await lockAndGuard(session, guard, ['fill', 'scan'], [used]);
};

/**
 * Does nothing where an earlier attempt has made it, or where the table was dropped and created again.
 * @throws SteepError COPY_RECORD_CHANGED where the statements are none that steep writes; RUNS_FOREIGN_CODE, TABLE_REPLACED
 */
export const makeAgain = async (
  session: Session,
  { subscription, guard }: { readonly subscription: string; readonly guard: CodeGuard },
  deferred: DeferredObject,
): Promise<void> => {
  const { id, kind, statements } = deferred;
  assertRebuilds(deferred);
  await session.transaction({}, async () => {
    const found = await session.query(sql`
      DELETE FROM steep_repl.copy_postponed AS p
       WHERE p.subscription = ${subscription} AND p.id = ${id} RETURNING p.id`);
    if (found.length === 0 || (await isThere(session, deferred))) return;
    if (isValidation(deferred)) await guardValidation(session, guard, deferred);
    // Only ordinary sessions check foreign keys.
    await session.query(sql`
      SELECT pg_catalog.set_config('session_replication_role', 'origin', true)
       WHERE ${kind}::text = 'foreign key' AND pg_catalog.current_setting('session_replication_role') <> 'origin'`);
    for (const statement of statements) await session.query(engineSql(statement));
  });
};
