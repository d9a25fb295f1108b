// Drops a replication origin with its position.

import type { DropOrigin } from '../../model/step/step.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const dropOriginExecutor: Executor<DropOrigin> = {
  transactional: true,
  reversible: false,
  sql: ({ origin }) => [sql`SELECT pg_catalog.pg_replication_origin_drop(${origin})`],
};
