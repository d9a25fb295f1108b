// All that steep could have changed in a database, as one value: to compare before with after, and one way
// of getting there with another.

import type { TestDatabase } from './cluster.ts';

export type Catalogs = Readonly<Record<string, unknown>>;

/**
 * Publications, subscriptions, slots, relations, and what steep_repl holds, without what differs from run
 * to run: identifiers, times, positions, salts. Names of databases, which tests make up, become those of
 * `names`.
 */
export async function catalogsOf(
  database: TestDatabase,
  names: Readonly<Record<string, string>> = {},
): Promise<Catalogs> {
  const [installed] = await database.query<{ readonly found: boolean }>(
    `SELECT to_regnamespace('steep_repl') IS NOT NULL AS found`,
  );
  const found: Record<string, unknown> = {};
  const all = installed?.found ? { ...queries, ...metadataQueries } : queries;
  for (const [what, text] of Object.entries(all)) found[what] = await database.query(text);
  const renamed = Object.entries(names).reduce(
    (text, [name, other]) => text.replaceAll(name, other),
    JSON.stringify(found),
  );
  return JSON.parse(renamed) as Catalogs;
}

/** The catalogs of several databases, by name of node. */
export async function catalogsOfAll(
  databases: Readonly<Record<string, TestDatabase>>,
): Promise<Readonly<Record<string, Catalogs>>> {
  const names = Object.fromEntries(
    Object.entries(databases).map(([node, { name }]) => [name, `database_of_${node}`]),
  );
  const all = Object.entries(databases).map(
    async ([node, database]) => [node, await catalogsOf(database, names)] as const,
  );
  return Object.fromEntries(await Promise.all(all));
}

const queries = {
  publications: `
    SELECT p.pubname, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot,
           (SELECT json_agg(to_jsonb(t) - 'pubname' ORDER BY t.schemaname, t.tablename)
              FROM pg_publication_tables t WHERE t.pubname = p.pubname) AS tables
      FROM pg_publication p ORDER BY p.pubname`,
  subscriptions: `
    SELECT s.subname, s.subenabled, s.subslotname, s.subpublications,
           (SELECT json_agg(json_build_array(r.srrelid::regclass, r.srsubstate) ORDER BY r.srrelid::regclass::text)
              FROM pg_subscription_rel r WHERE r.srsubid = s.oid) AS tables
      FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
     WHERE d.datname = current_database() ORDER BY s.subname`,
  slots: `
    SELECT slot_name, plugin, slot_type, database, temporary
      FROM pg_replication_slots WHERE database = current_database() ORDER BY slot_name`,
  origins: `
    SELECT count(*)::int AS of_subscriptions
      FROM pg_replication_origin o JOIN pg_subscription s ON o.roname = 'pg_' || s.oid
      JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()`,
  relations: `
    SELECT c.oid::regclass::text AS name, c.relkind, c.relreplident FROM pg_class c
     WHERE c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
     ORDER BY 1`,
} as const;

const metadataQueries = {
  objects: `
    SELECT address, kind, applied - 'connection' AS applied, applied ? 'connection' AS hashed, protect
      FROM steep_repl.objects ORDER BY address`,
  nodes: 'SELECT node_id, node_name, priority, status FROM steep_repl.nodes ORDER BY node_id',
  initialization: `
    SELECT subscription, source_node, method, state, slot_name, error
      FROM steep_repl.subscriptions_init ORDER BY subscription`,
  versions: 'SELECT version FROM steep_repl.schema_version ORDER BY version',
} as const;
