// What a server writes and logical replication does not send, whatever is published.

import type { UnsentWrites } from '../../model/state/surroundings.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** Origins of subscriptions are known by their names, and so are those that steep makes for a repair. */
export const readUnsentWrites = async (session: Session): Promise<UnsentWrites> => {
  const [found] = await session.query<UnsentWrites>(sql`
    SELECT ARRAY(SELECT o.roname FROM pg_catalog.pg_replication_origin AS o
                  WHERE o.roname !~ '^(pg_[0-9]+|steep_)' ORDER BY o.roname) AS "foreignOrigins",
           EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata) AS "largeObjects"`);
  return found ?? { foreignOrigins: [], largeObjects: false };
};
