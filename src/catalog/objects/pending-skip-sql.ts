// The transaction that a subscription is to skip.

import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** Of the subscription `s`: the end of the transaction, or null. `skips`: the server knows ALTER SUBSCRIPTION ... SKIP. */
export const pendingSkip = (skips: boolean): Sql =>
  skips ? sql`NULLIF(s.subskiplsn, '0/0')::text` : sql`NULL::text`;
