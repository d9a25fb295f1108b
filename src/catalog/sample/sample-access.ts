// How rows are looked at before they are copied: in a transaction of its own, under locks that no reader or writer waits for, for
// a limited time, and not where reading them would run code of others.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { WantedSample } from '../../model/plan/row-sample.ts';
import type { Session } from '../../postgres/session.ts';
import { lockDefinitions } from '../../postgres/sql/exposed-tables.ts';
import { lockTables, type TableKinds } from '../../postgres/sql/named-tables.ts';
import { ddl, ident, join, type Sql, sql } from '../../postgres/sql/sql.ts';
import { readForeignCode } from '../foreign-code/read-foreign-code.ts';
import { readAccess } from '../objects/read-rows.ts';

export interface SampleLimits {
  /** Milliseconds, of the whole. */
  readonly budgetMs: number;
  readonly clock: () => number;
}

export interface Access {
  readonly session: Session;
  readonly kinds: TableKinds;
  readonly leftMs: () => number;
}

export const limited = async ({ session, leftMs }: Access): Promise<void> => {
  const value = `${Math.max(1, Math.round(leftMs()))}ms`;
  await session.query(sql`SELECT pg_catalog.set_config('statement_timeout', ${value}, true)`);
};

/** A row as COPY sends it, in bytes: of record_send, all but the OID of each column; or of its text. */
export const rowBytes = ({ columns, binary }: WantedSample): Sql => {
  const row = ddl`ROW(${join(columns.map((name) => ddl`t.${ident(name)}`))})`;
  return binary
    ? sql`pg_catalog.octet_length(pg_catalog.record_send(${row})) - ${2 + 4 * columns.length}::int4`
    : sql`pg_catalog.octet_length(${row}::text) + 1`;
};

/** Without the tables that it may not read, that are locked, or that would run code of others. */
const readable = async (
  session: Session,
  wanted: readonly WantedSample[],
): Promise<readonly WantedSample[]> => {
  const names = wanted.map(({ table }) => table);
  const access = await readAccess(session, names, new Set());
  const open = wanted.filter((_it, index) => access[index] === 'open');
  const code = await readForeignCode(session, tablesOf(open), ['scan']);
  const guarded = new Set(code.map(({ table }) => table));
  return open.filter(({ table }) => !guarded.has(formatName(table)));
};

const tablesOf = (wanted: readonly WantedSample[]): readonly QualifiedName[] => [
  ...new Map(wanted.map(({ table }) => [formatName(table), table])).values(),
];

/** A look in a transaction of its own: what fails, or takes too long, is not known. */
export const look = async <T>(
  session: Session,
  wanted: readonly WantedSample[],
  leftMs: () => number,
  body: (access: Access, allowed: readonly WantedSample[]) => Promise<T>,
): Promise<T | null> => {
  if (wanted.length === 0 || leftMs() <= 0) return null;
  try {
    return await session.transaction({ readOnly: true }, async () => {
      const before = await readable(session, wanted);
      const kinds = await lockTables(session, tablesOf(before), 'ACCESS SHARE', { nowait: true });
      await lockDefinitions(session, tablesOf(before));
      // Once more, under the locks: nobody changes the tables any more. A plan is made of each query.
      const allowed = await readable(session, before);
      return body({ session, kinds, leftMs }, allowed);
    });
  } catch (error) {
    if (session.closed) throw error;
    return null;
  }
};
