// Whether a user asked for the end of an initial copy.

import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export const readCancelRequested = async (
  session: Session,
  node: NodeName,
  subscription: string,
): Promise<boolean> => {
  const [row] = await session.query<{ readonly asked: boolean }>(sql`
    SELECT i.cancel_requested_at IS NOT NULL AS asked FROM steep_repl.subscriptions_init AS i
     WHERE i.node_id = ${node} AND i.subscription = ${subscription}`);
  return row?.asked === true;
};
