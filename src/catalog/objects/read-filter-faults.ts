// Lets the publisher parse row filters that it does not have yet: PREPARE looks up columns, operators and types, and plans
// nothing. To parse a constant calls the input function of its type, which may run code of a user: so names of users are
// refused first. PREPARE permits more than a publication does: what a filter may use is asked by its words.

import { SteepError } from '../../model/errors.ts';
import { foreignName } from '../../model/filter-names.ts';
import { wordsOf } from '../../model/filter-words.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { FilterFault, WrittenFilter } from '../../model/state/filter-fault.ts';
import type { PublishedTable } from '../../model/state/resource.ts';
import { sqlState } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { isExpression } from '../../postgres/sql/expression.ts';
import { holdSchemas } from '../../postgres/sql/held-names.ts';
import { ddl, qualified, sql, verbatim } from '../../postgres/sql/sql.ts';

/** What the text of a filter itself is refused for: syntax, a column, an operator or a function, a type, a literal. */
const ofText: ReadonlySet<string | null> = new Set(['42601', '42703', '42883', '42804', '22P02']);

/** No other session changes the columns of the table until the end of the transaction. Needs no right on it. */
const holdColumns = async (session: Session, table: QualifiedName): Promise<void> => {
  await session.query(ddl`PREPARE steep_table AS SELECT FROM ${qualified(table)}`);
  await session.query(ddl`DEALLOCATE steep_table`);
};

const faultOf = async (session: Session, filter: WrittenFilter): Promise<string | null> => {
  const { table, where } = filter;
  if (!isExpression(where)) return 'it is not one expression with balanced parentheses and quotes';
  try {
    return await session.transaction({ readOnly: true }, async () => {
      await holdColumns(session, table);
      const refused = await notPermitted(session, filter);
      if (refused !== null) return refused;
      await session.query(
        ddl`PREPARE steep_filter AS SELECT FROM ${qualified(table)} WHERE (${verbatim(where)})`,
      );
      await session.query(ddl`DEALLOCATE steep_filter`);
      return null;
    });
  } catch (error) {
    if (!ofText.has(sqlState(error))) return null;
    return error instanceof Error ? error.message : String(error);
  }
};

/**
 * What PostgreSQL permits in no row filter (check_simple_rowfilter_expr), as far as words tell: of a function of which some
 * forms are immutable nothing is said.
 */
const notPermitted = async (
  session: Session,
  { table, where }: Pick<WrittenFilter, 'table' | 'where'>,
): Promise<string | null> => {
  const words = wordsOf(where);
  if (words.some(({ name, quoted }) => name === 'select' && !quoted))
    return 'a row filter has no subqueries';
  const foreign = foreignName(where, table, await readColumns(session, table));
  if (foreign !== null) {
    return `a row filter may use columns of its table, and built-in types, functions and operators only, and ${foreign} is none of them`;
  }
  const [found] = await session.query<{ readonly why: string }>(sql`
    SELECT CASE WHEN a.attnum < 0 THEN 'a row filter may not use system column ' || a.attname
                ELSE 'column ' || a.attname || ' has type ' || pg_catalog.format_type(a.atttypid, NULL)
                     || ', and a row filter may use built-in types only' END AS why
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relname = ${table.name}
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = ${table.schema}
     WHERE NOT a.attisdropped AND (a.attnum < 0 OR a.atttypid >= 16384)
       AND a.attname = ANY (${words.map(({ name }) => name)}::text[])
     UNION ALL
    SELECT 'a row filter may use immutable built-in functions only, and ' || p.proname || ' is none'
      FROM pg_catalog.pg_proc AS p
     WHERE p.proname = ANY (${words.filter(({ called }) => called).map(({ name }) => name)}::text[])
     GROUP BY p.proname
    HAVING NOT pg_catalog.bool_or(p.provolatile = 'i' AND p.oid < 16384)
     LIMIT 1`);
  return found?.why ?? null;
};

const readColumns = async (session: Session, table: QualifiedName): Promise<readonly string[]> => {
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT a.attname::text AS name
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relname = ${table.name}
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = ${table.schema}
     WHERE NOT a.attisdropped`);
  return rows.map(({ name }) => name);
};

/**
 * Before the server parses filters of a statement, in its transaction: since they were planned, an owner may have given a
 * column another type.
 *
 * @throws SteepError FILTER_INVALID: nothing of a filter was parsed.
 */
export const assertFiltersPermitted = async (
  session: Session,
  tables: readonly PublishedTable[],
): Promise<void> => {
  const filters = tables.flatMap(({ table, where }) => (where === null ? [] : [{ table, where }]));
  await holdSchemas(
    session,
    filters.map(({ table }) => table),
  );
  for (const filter of filters) {
    await holdColumns(session, filter.table);
    const why = await notPermitted(session, filter);
    if (why === null) continue;
    throw new SteepError(
      'FILTER_INVALID',
      `Node ${session.node}: the row filter of ${formatName(filter.table)} (${filter.where}) was not used: ${why}.`,
      { exit: ExitCode.stale, suggestions: ['Plan again: steep plan'] },
    );
  }
};

/** Filters that the server would refuse, with its reason. What it refuses for another cause is not found here. */
export const readFilterFaults = async (
  session: Session,
  filters: readonly WrittenFilter[],
): Promise<readonly FilterFault[]> => {
  const faults: FilterFault[] = [];
  for (const filter of filters) {
    const why = await faultOf(session, filter);
    if (why !== null) faults.push({ ...filter, why });
  }
  return faults;
};
