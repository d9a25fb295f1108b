// Several sessions of a node that see one snapshot, and hold one table meanwhile: its file stays the same, so that ranges
// of blocks hold.

import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { lockTables, type TableKinds } from '../../postgres/sql/named-tables.ts';
import { ddl, literal, sql } from '../../postgres/sql/sql.ts';

const snapshotOnly = { isolation: 'repeatable read', readOnly: true } as const;

/**
 * The lock is ACCESS SHARE, as of any SELECT. The first session waits for it; the others do not, since whoever waits for
 * the lock of the first would make them wait without end.
 * @param moment a snapshot that another session holds. Absent: as it is now.
 * @throws SteepError TABLE_REPLACED; pg's error where a lock is not to be had.
 */
export const atOneMoment = <T>(
  [first, ...others]: readonly [Session, ...Session[]],
  table: QualifiedName,
  body: (kinds: TableKinds) => Promise<T>,
  moment?: string,
): Promise<T> =>
  first.transaction(snapshotOnly, async () => {
    if (moment !== undefined) await first.query(ddl`SET TRANSACTION SNAPSHOT ${literal(moment)}`);
    const kinds = await lockTables(first, [table]);
    if (others.length === 0) return body(kinds);
    const [row] = await first.query<{ readonly snapshot: string }>(
      sql`SELECT pg_catalog.pg_export_snapshot() AS snapshot`,
    );
    return joinAll(others, row?.snapshot ?? '', table, () => body(kinds));
  });

const joinAll = <T>(
  [session, ...others]: readonly Session[],
  snapshot: string,
  table: QualifiedName,
  body: () => Promise<T>,
): Promise<T> => {
  if (session === undefined) return body();
  return session.transaction(snapshotOnly, async () => {
    await session.query(ddl`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`);
    await lockTables(session, [table], 'ACCESS SHARE', { nowait: true });
    return joinAll(others, snapshot, table, body);
  });
};
