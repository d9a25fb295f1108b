// Creates a replication origin that belongs to no subscription.

import type { CreateOrigin } from '../../model/step/step.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const createOriginExecutor: Executor<CreateOrigin> = {
  transactional: true,
  reversible: true,
  sql: ({ origin }) => [sql`SELECT pg_catalog.pg_replication_origin_create(${origin})`],
};
