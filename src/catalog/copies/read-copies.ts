// Reads how far the initial copy of each subscribed table is. Knows nothing of the copy itself.

import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { identify, type Remembered } from '../metadata/ownership.ts';

export const readCopies = async (
  session: Session,
  node: NodeName,
  remembered: Remembered,
): Promise<readonly ResourceOf<'copy'>[]> => {
  const rows = await session.query<CopyRow>(copyQuery);
  return rows.map((row) => {
    const table = { schema: row.schema, name: row.name };
    const name = `${quoteIdentifier(row.subscription)}:${formatName(table)}`;
    return {
      ...identify(remembered, node, 'copy', name),
      spec: {
        subscription: row.subscription,
        table,
        state: row.state === 'r' ? 'ready' : 'copying',
      },
      observed: { syncState: row.state, syncLsn: row.lsn, row: row.row },
    };
  });
};

/** pg_subscription is shared by all databases of the cluster. */
const copyQuery: Sql = sql`
  SELECT s.subname::text AS subscription, n.nspname::text AS schema, c.relname::text AS name,
         r.srsubstate::text AS state, r.srsublsn::text AS lsn, r.xmin::text AS row
    FROM pg_catalog.pg_subscription_rel AS r
    JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid
    JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
    JOIN pg_catalog.pg_class AS c ON c.oid = r.srrelid AND c.relkind IN ('r', 'p')
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   ORDER BY s.subname, n.nspname, c.relname`;

interface CopyRow {
  readonly subscription: string;
  readonly schema: string;
  readonly name: string;
  readonly state: string;
  readonly lsn: string | null;
  readonly row: string;
}
