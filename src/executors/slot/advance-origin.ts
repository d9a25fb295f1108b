// Moves the replication origin of a disabled subscription: what its source wrote before that position is not
// asked for again. Not undone by ROLLBACK, and the same when it is done twice.

import type { AdvanceOrigin } from '../../model/step/subscription-steps.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const advanceOriginExecutor: Executor<AdvanceOrigin> = {
  transactional: true,
  reversible: true,
  sql: (step) => [
    sql`SELECT pg_catalog.pg_replication_origin_advance('pg_' || s.oid, ${step.lsn}::pg_lsn) FROM pg_catalog.pg_subscription AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database() AND s.subname = ${step.subscription} AND NOT s.subenabled`,
  ],
};
