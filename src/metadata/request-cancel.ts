// Asks the run that makes an initial copy to end it. Changes nothing else.

import type { NodeName } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** Of these subscriptions, those whose initial copy is under way. */
export const requestCancel = async (
  session: Session,
  node: NodeName,
  subscriptions: readonly string[],
): Promise<void> => {
  const found = await session.query(sql`
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = 'steep_repl' AND c.relname = 'subscriptions_init'`);
  if (found.length === 0) return;
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init SET cancel_requested_at = pg_catalog.now()
     WHERE node_id = ${node} AND subscription = ANY (${[...subscriptions]}::text[])
       AND state IN ('preparing', 'reinitializing', 'copying', 'catching_up', 'failed')`);
};
