// The subscriptions of a whole cluster, whatever database they are in: a physical copy runs all of them.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export interface ClusterSubscription {
  readonly name: string;
  readonly database: string;
  readonly enabled: boolean;
}

export const readAllSubscriptions = (session: Session): Promise<readonly ClusterSubscription[]> =>
  session.query<ClusterSubscription>(sql`
    SELECT s.subname::text AS name, d.datname::text AS database, s.subenabled AS enabled
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
     ORDER BY d.datname, s.subname`);
