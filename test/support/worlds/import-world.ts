// A topology made manually, with plain SQL, as import may find it: five databases on servers of 14, 16 and 18, six
// edges between them, and all around what belongs to others. What must stay is read by `catalogsOf`.

import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { cluster, type TestDatabase } from '../servers/cluster.ts';
import { waitFor } from '../servers/wait.ts';

export type NodeName = 'archive' | 'hub' | 'legacy' | 'new' | 'old';

export interface ImportWorld {
  readonly databases: Readonly<Record<NodeName, TestDatabase>>;
  /** What subscribers of hub connect with: another host name than steep's own. */
  readonly replicationPassword: string;
}

/** Names that need quotes in SQL, in YAML, or in both. */
export const oddPublication = `Sales: "2024" #1`;
export const allTables = 'pg_createsubscriber_16384_1b2c3d4e';

export async function createImportWorld(): Promise<ImportWorld> {
  // Its database `postgres` gets steep_repl, and a physical slot belongs to the whole server: not a shared one.
  const hubServer = await cluster.privateServer(16);
  const databases = {
    archive: await cluster.database(18),
    hub: await hubServer.createDatabase(),
    legacy: await cluster.database(14),
    new: await cluster.database(18),
    old: await cluster.database(14),
  };
  const { hub, new: fresh, legacy } = databases;
  for (const database of Object.values(databases)) await database.query(tables);
  await hub.query(hubPublications);
  await hub.query(`CREATE PUBLICATION "${allTables}" FOR ALL TABLES`);
  await fresh.query('CREATE PUBLICATION cascade FOR TABLE cascaded');
  await legacy.query(
    `ALTER TABLE legacy REPLICA IDENTITY USING INDEX "Legacy key";
     CREATE PUBLICATION legacy FOR TABLE legacy WITH (publish = 'insert, update, delete')`,
  );
  await createEdges(databases);
  await hub.query('SELECT pg_create_physical_replication_slot($1)', [`${hub.name}_standby`]);
  await hub.query("SELECT pg_create_logical_replication_slot($1, 'test_decoding')", [
    `${hub.name}_cdc`,
  ]);
  await waitForCopies(databases);
  return { databases, replicationPassword: hub.conninfo.get('password') ?? '' };
}

const tables = `
  CREATE SCHEMA "Odd Schema";
  CREATE SCHEMA billing;
  CREATE TABLE orders (id int PRIMARY KEY, total numeric, "select" text, secret text);
  CREATE TABLE "Odd Schema"."T ""1"": #" (a int, "Größe" text);
  ALTER TABLE "Odd Schema"."T ""1"": #" REPLICA IDENTITY FULL;
  CREATE TABLE billing.invoices (id int PRIMARY KEY);
  CREATE TABLE events (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
  CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE legacy (code text NOT NULL, note text);
  CREATE UNIQUE INDEX "Legacy key" ON legacy (code);
  CREATE TABLE cascaded (id int PRIMARY KEY);
  CREATE TABLE captured (id int PRIMARY KEY)`;

const hubPublications = `
  CREATE PUBLICATION "${oddPublication.replaceAll('"', '""')}"
    FOR TABLE orders (id, total, "select") WHERE (id > 0 AND id <> 7),
        TABLE "Odd Schema"."T ""1"": #" WHERE ("Größe" <> 'it''s: #1' || E'\\n- x: y');
  CREATE PUBLICATION by_schema FOR TABLES IN SCHEMA billing WITH (publish = 'insert, update');
  CREATE PUBLICATION partitioned FOR TABLE events WITH (publish_via_partition_root = true);
  CREATE PUBLICATION dbz_publication FOR TABLE captured;
  INSERT INTO orders VALUES (1, 10, 'x', 'y');
  INSERT INTO billing.invoices VALUES (1);
  INSERT INTO events VALUES (1, '2024-05-05')`;

async function createEdges({
  archive,
  hub,
  legacy,
  new: fresh,
  old,
}: ImportWorld['databases']): Promise<void> {
  // Another name for the host: the file then needs a replication_connection.
  const toHub = hub.conninfo.with({ host: 'localhost', application_name: 'feed' });
  const odd = `"${oddPublication.replaceAll('"', '""')}"`;
  await subscribe(fresh, 'feed', toHub, hub, `${odd}, by_schema`, `${hub.name}_feed`, {
    binary: 'true',
    origin: 'none',
    streaming: 'off',
    disable_on_error: 'true',
  });
  await subscribe(archive, 'Archive of events', toHub, hub, 'partitioned', `${hub.name}_archive`);
  await archive.query('ALTER SUBSCRIPTION "Archive of events" DISABLE');
  await subscribe(old, 'old_events', toHub, hub, 'partitioned', `${hub.name}_old`, {
    synchronous_commit: "'local'",
  });
  // One cluster: CREATE SUBSCRIPTION cannot make the slot itself.
  await subscribe(archive, 'cascade', fresh.conninfo, fresh, 'cascade', `${fresh.name}_cascade`);
  await subscribe(hub, 'legacy', legacy.conninfo, legacy, 'legacy', `${legacy.name}_legacy`);
  await subscribe(old, 'of_legacy', legacy.conninfo, legacy, 'legacy', `${legacy.name}_old`);
  await hub.query(
    `SELECT pg_create_logical_replication_slot('${hub.name}_everything', 'pgoutput')`,
  );
  await archive.query(
    `CREATE SUBSCRIPTION everything CONNECTION '${toHub.text}' PUBLICATION "${allTables}"
       WITH (connect = false, slot_name = '${hub.name}_everything')`,
  );
  await archive.query(
    `CREATE SUBSCRIPTION from_elsewhere CONNECTION 'host=192.0.2.1 dbname=erp' PUBLICATION erp
       WITH (connect = false, slot_name = 'erp')`,
  );
}

async function subscribe(
  subscriber: TestDatabase,
  name: string,
  conninfo: Conninfo,
  publisher: TestDatabase,
  publications: string,
  slot: string,
  options: Readonly<Record<string, string>> = {},
): Promise<void> {
  await publisher.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  const set = Object.entries({ create_slot: 'false', slot_name: `'${slot}'`, ...options });
  await subscriber.query(
    `CREATE SUBSCRIPTION "${name}" CONNECTION '${conninfo.text}' PUBLICATION ${publications}
       WITH (${set.map(([option, value]) => `${option} = ${value}`).join(', ')})`,
  );
  if (name === 'Archive of events') await waitForReady(subscriber, name);
}

const waitForReady = (database: TestDatabase, name: string): Promise<unknown> =>
  waitFor(`the tables of ${name}`, async () => {
    const left = await database.query(
      `SELECT 1 FROM pg_subscription_rel AS r JOIN pg_subscription AS s ON s.oid = r.srsubid
        WHERE s.subname = $1 AND r.srsubstate <> 'r'`,
      [name],
    );
    return left.length === 0;
  });

async function waitForCopies({ archive, hub, new: fresh, old }: ImportWorld['databases']) {
  await waitForReady(fresh, 'feed');
  await waitForReady(archive, 'cascade');
  await waitForReady(hub, 'legacy');
  await waitForReady(old, 'old_events');
  await waitForReady(old, 'of_legacy');
}

/** Everything that replication knows of a database, as text; steep_repl and positions apart. */
export async function catalogsOf(database: TestDatabase): Promise<readonly unknown[]> {
  const current = '(SELECT oid FROM pg_database WHERE datname = current_database())';
  return database.query(`
    SELECT to_jsonb(p)::text AS row FROM pg_publication AS p
     UNION ALL SELECT to_jsonb(p)::text FROM pg_publication_rel AS p
     UNION ALL SELECT to_jsonb(s)::text FROM pg_subscription AS s WHERE s.subdbid = ${current}
     UNION ALL SELECT to_jsonb(r)::jsonb - 'srsublsn' #>> '{}' FROM pg_subscription_rel AS r
     UNION ALL SELECT concat_ws(' ', s.slot_name, s.plugin, s.database, s.two_phase)
                 FROM pg_replication_slots AS s
                WHERE s.database = current_database() OR s.slot_type = 'physical'
     UNION ALL SELECT concat_ws(' ', c.oid, c.relname, c.relreplident) FROM pg_class AS c
                WHERE c.relkind IN ('r', 'p') AND c.relnamespace NOT IN (
                  SELECT n.oid FROM pg_namespace AS n WHERE n.nspname ~ '^(pg_|information_schema|steep_repl)')
     ORDER BY 1`);
}
