// Moves a replication origin that belongs to no subscription. Not undone by ROLLBACK.

import type { MoveOrigin } from '../../model/step/step.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const moveOriginExecutor: Executor<MoveOrigin> = {
  transactional: true,
  reversible: false,
  sql: ({ origin, lsn }) => [
    sql`SELECT pg_catalog.pg_replication_origin_advance(${origin}, ${lsn}::pg_lsn)`,
  ],
};
