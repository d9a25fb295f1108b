// Initial copies that are not over, and those that lack changes, as steep_repl of their node remembers them: whether or
// not a run makes them now.

import type { NodeName } from '../../model/state/address.ts';
import type { CopyUnderWay, LostChanges } from '../../model/state/copy-under-way.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** The version of steep_repl that knows whose copy it is. */
const nodesSince = 3;

/** Empty where steep_repl is older, or not there. */
export const readCopiesUnderWay = async (
  session: Session,
  node: NodeName,
  metadataVersion: number,
): Promise<readonly CopyUnderWay[]> => {
  if (metadataVersion < nodesSince) return [];
  return session.query<CopyUnderWay>(sql`
    SELECT i.subscription, i.method FROM steep_repl.subscriptions_init AS i
     WHERE i.node_id = ${node} AND i.state IN ('preparing', 'copying', 'catching_up', 'reinitializing')
     ORDER BY i.subscription`);
};

/** Empty where steep_repl is older, or not there. */
export const readLostChanges = async (
  session: Session,
  node: NodeName,
  metadataVersion: number,
): Promise<readonly LostChanges[]> => {
  if (metadataVersion < nodesSince) return [];
  return session.query<LostChanges>(sql`
    SELECT i.subscription, i.error FROM steep_repl.subscriptions_init AS i
     WHERE i.node_id = ${node} AND i.state = 'diverged'
     ORDER BY i.subscription`);
};
