// Nodes as steep_repl of a database has them on record.

import { SteepError } from '../../model/errors.ts';
import type { ListedNode } from '../../model/report/objects.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { readMetadataVersion } from './read-metadata.ts';

/** @throws SteepError METADATA_OUTDATED where steep_repl is not installed, or older than its functions for nodes. */
export const assertMetadataCurrent = async (session: Session): Promise<void> => {
  const installed = await readMetadataVersion(session);
  if (installed >= metadataVersion) return;
  const state = installed > 0 ? `has version ${installed}` : 'is not installed';
  throw new SteepError(
    'METADATA_OUTDATED',
    `steep_repl on node ${session.node} ${state}; version ${metadataVersion} is needed.`,
    { suggestions: ['Register the node: steep node register NODE, or run steep apply.'] },
  );
};

/** By node_status(). @throws SteepError METADATA_OUTDATED. */
export const readNodeStatus = async (session: Session): Promise<readonly ListedNode[]> => {
  await assertMetadataCurrent(session);
  return session.query<ListedNode>(sql`
    SELECT n.node_id AS id, n.node_name AS name, n.host, n.port, n.priority, n.status,
           pg_catalog.to_char(n.last_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "lastSeen",
           pg_catalog.round(n.seconds_since_seen::numeric, 1)::float8 AS "secondsSinceSeen",
           n.is_healthy AS "isHealthy", n.init_state AS "initState"
      FROM steep_repl.node_status() AS n`);
};
