// The metadata that a physical copy brought along: rows of the nodes that it was made of, which are true there
// and wrong here.

import type { NodeName } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { auditLine } from './audit.ts';

/** Deletes the rows of these nodes. Slots that were prepared stay: they tell where the copy comes from. */
export const forgetFormer = async (
  session: Session,
  node: NodeName,
  formerNodes: readonly NodeName[],
  runId: string,
): Promise<void> => {
  await session.query(sql`
    DELETE FROM steep_repl.objects AS o
     WHERE pg_catalog.split_part(o.address, '/', 1) = ANY (${formerNodes}::text[])`);
  await session.query(sql`
    DELETE FROM steep_repl.nodes AS n WHERE n.node_id = ANY (${formerNodes}::text[])`);
  await session.query(sql`
    DELETE FROM steep_repl.schema_fingerprints AS f WHERE f.node_id = ANY (${formerNodes}::text[])`);
  await session.query(sql`
    DELETE FROM steep_repl.init_progress AS p WHERE p.node_id = ANY (${formerNodes}::text[])`);
  await session.query(sql`
    DELETE FROM steep_repl.snapshots AS s WHERE s.source_node = ANY (${formerNodes}::text[])`);
  await session.query(sql`
    DELETE FROM steep_repl.subscriptions_init AS i WHERE i.node_id = ANY (${formerNodes}::text[])`);
  const tables = [
    sql`steep_repl.copy_chunks`,
    sql`steep_repl.copy_postponed`,
    sql`steep_repl.copy_attempts`,
    sql`steep_repl.joinable_copies`,
    sql`steep_repl.joined_workers`,
  ];
  for (const table of tables) {
    await session.query(sql`
      DELETE FROM ${table} AS t WHERE NOT EXISTS (
        SELECT FROM steep_repl.objects AS o
         WHERE o.address = ${`${node}/subscription.`} || t.subscription)`);
  }
  const detail = { former_nodes: formerNodes };
  await session.query(auditLine({ runId, event: 'metadata.copied', subject: node, detail }));
};
