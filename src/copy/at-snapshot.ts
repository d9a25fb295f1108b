// Reads at a snapshot that another session holds.

import type { Session } from '../postgres/session.ts';
import { ddl, literal, sql } from '../postgres/sql.ts';

/** One transaction that sees what the snapshot shows; a policy that hides rows is an error, not fewer rows. */
export const atSnapshot = <T>(
  session: Session,
  snapshot: string,
  body: () => Promise<T>,
): Promise<T> =>
  session.transaction({ isolation: 'repeatable read', readOnly: true }, async () => {
    await session.query(ddl`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`);
    await session.query(sql`SELECT pg_catalog.set_config('row_security', 'off', true)`);
    return body();
  });
