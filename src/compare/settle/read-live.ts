// Reads rows as they are now, by their keys: their values as text, and their versions.

import type { Session } from '../../postgres/session.ts';
import { lockTables } from '../../postgres/sql/named-tables.ts';
import { keyName, type Suspicion, type TableEnd } from '../difference/compared-table.ts';
import { type RowReading, selectByHash, selectByKey } from '../difference/end-sql.ts';

/** By keyName(); a key without rows has no entry. */
export type LiveRows = ReadonlyMap<string, readonly RowReading[]>;

/** @throws SteepError TABLE_REPLACED; pg's error where the table is locked, or was changed. */
export const readRowsNow = (
  session: Session,
  end: TableEnd,
  wanted: readonly Suspicion[],
): Promise<LiveRows> =>
  session.transaction({ readOnly: true }, async () => {
    const kinds = await lockTables(session, [end.table], 'ACCESS SHARE', { nowait: true });
    const now = { ...end, kinds };
    const statement =
      selectByKey(
        now,
        wanted.map(({ key }) => key),
      ) ??
      selectByHash(
        now,
        wanted.map(({ hash }) => hash),
      );
    const rows = await session.query<RowReading>(statement);
    return Map.groupBy(rows, ({ k, key }) => keyName({ hash: k, key }));
  });
