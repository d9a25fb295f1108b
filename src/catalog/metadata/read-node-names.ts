// The nodes that steep_repl of a database knows by name.

import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** None where steep_repl is not installed, or may not be read. Its trust was judged when the session was opened. */
export const readNodeNames = async (session: Session): Promise<readonly NodeName[]> => {
  const [found] = await session.query<{ readonly readable: boolean }>(sql`
    SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = 'steep_repl' AND c.relname = 'nodes'`);
  if (found?.readable !== true) return [];
  const rows = await session.query<{ readonly name: NodeName }>(sql`
    SELECT n.node_id AS name FROM steep_repl.nodes AS n ORDER BY n.node_id`);
  return rows.map(({ name }) => name);
};
