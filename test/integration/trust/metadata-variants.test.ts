// Every way in which steep_repl can be other than steep made it, or be written to by others: each is refused by name.

import { describe, expect, test } from 'vitest';
import {
  assertMetadataTrusted,
  trustOwners,
} from '../../../src/catalog/trust/assert-metadata-trusted.ts';
import { metadataVersion } from '../../../src/model/state/metadata-version.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { installMetadata } from '../catalog/metadata.ts';

const judged = async (database: TestDatabase, owners: readonly string[] = []): Promise<string> => {
  const session = await openSession(database.conninfo, {
    node: 'n',
    applicationName: 'test',
    readOnly: true,
  });
  trustOwners(session, owners);
  try {
    await assertMetadataTrusted(session);
    return 'trusted';
  } catch (error) {
    return error instanceof Error && 'code' in error
      ? `${String(error.code)} ${error.message}`
      : 'other';
  } finally {
    await session.close();
  }
};

/** Run in a schema that steep installed; OTHER is a role without rights. The message, or the code. */
const variants: readonly (readonly [change: string, said: string])[] = [
  ['ALTER SCHEMA steep_repl OWNER TO OTHER', 'the schema belongs to OTHER'],
  ['ALTER TABLE steep_repl.nodes OWNER TO OTHER', 'the relation nodes belongs to OTHER'],
  ['ALTER FUNCTION steep_repl.health() OWNER TO OTHER', 'the function health belongs to OTHER'],
  [
    'CREATE TABLE steep_repl.more (); ALTER TABLE steep_repl.more OWNER TO OTHER',
    'the relation more belongs to OTHER',
  ],
  ['GRANT CREATE ON SCHEMA steep_repl TO OTHER', 'the schema allows CREATE by OTHER'],
  ['GRANT INSERT ON steep_repl.objects TO OTHER', 'objects allows INSERT by OTHER'],
  ['GRANT TRIGGER ON steep_repl.objects TO PUBLIC', 'objects allows TRIGGER by PUBLIC'],
  ['GRANT UPDATE (priority) ON steep_repl.nodes TO OTHER', 'nodes allows UPDATE by OTHER'],
  [
    'CREATE TRIGGER t BEFORE INSERT ON steep_repl.nodes FOR EACH ROW EXECUTE FUNCTION steep_repl.refuse_change()',
    'nodes: trigger t',
  ],
  [
    'CREATE RULE r AS ON INSERT TO steep_repl.nodes DO ALSO SELECT pg_catalog.pg_sleep(0)',
    'nodes: rule r',
  ],
  ['CREATE POLICY p ON steep_repl.nodes USING (true)', 'nodes: policy p'],
  ['ALTER TABLE steep_repl.nodes ENABLE ROW LEVEL SECURITY', 'nodes: is a table with row security'],
  [
    `ALTER TABLE steep_repl.nodes ALTER host SET DEFAULT pg_catalog.pg_read_file('/etc/passwd')`,
    'nodes: column host text DEFAULT pg_read_file',
  ],
  [
    `ALTER TABLE steep_repl.nodes ADD CHECK (pg_catalog.pg_sleep(0) IS NOT NULL)`,
    'nodes: constraint nodes_check',
  ],
  [
    'CREATE INDEX i ON steep_repl.nodes ((pg_catalog.lower(host)))',
    'nodes: index CREATE INDEX i ON steep_repl.nodes',
  ],
  [
    `ALTER TABLE steep_repl.nodes ADD x text GENERATED ALWAYS AS (pg_catalog.lower(host)) STORED`,
    'nodes: column x text generated s',
  ],
  ['CREATE TABLE public.child () INHERITS (steep_repl.nodes)', 'nodes: is inherited'],
  [
    'CREATE TABLE public.parent (node_id text); ALTER TABLE steep_repl.nodes INHERIT public.parent',
    'nodes: inherits',
  ],
  [
    'CREATE TABLE public.other (id text REFERENCES steep_repl.nodes)',
    'nodes: trigger of a foreign key',
  ],
  [
    'CREATE DOMAIN public.d AS text CHECK (pg_catalog.length(VALUE) > 0); ALTER TABLE steep_repl.nodes ALTER host TYPE public.d',
    'nodes: column host public.d',
  ],
  [
    'DROP TABLE steep_repl.init_slots; CREATE TABLE steep_repl.init_slots (slot_name text) PARTITION BY LIST (slot_name)',
    'init_slots: is a partitioned table',
  ],
  [
    'DROP TABLE steep_repl.init_slots; CREATE MATERIALIZED VIEW steep_repl.init_slots AS SELECT 1 AS slot_name',
    'init_slots: is a materialized view',
  ],
  [
    'DROP TABLE steep_repl.init_slots; CREATE VIEW steep_repl.init_slots AS SELECT 1 AS slot_name',
    'init_slots: is a view',
  ],
  [
    'DROP TABLE steep_repl.init_slots; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE steep_repl.init_slots (slot_name text) SERVER s',
    'init_slots: is a foreign table',
  ],
  ['ALTER TABLE steep_repl.nodes SET UNLOGGED', 'nodes: is a table that is not logged'],
  [
    `CREATE OR REPLACE FUNCTION steep_repl.heartbeat(p_node_id text) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
    'heartbeat: function (p_node_id text)',
  ],
  ['ALTER FUNCTION steep_repl.heartbeat(text) SECURITY DEFINER', 'heartbeat: function'],
  [
    `CREATE FUNCTION steep_repl.heartbeat(varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
    'heartbeat: function (character varying)',
  ],
  ['DROP FUNCTION steep_repl.heartbeat(text)', 'missing: heartbeat: function'],
  ['DROP SCHEMA steep_repl CASCADE; CREATE SCHEMA steep_repl', 'METADATA_EMPTY'],
  // What cannot hurt.
  ['GRANT USAGE ON SCHEMA steep_repl TO OTHER', 'trusted'],
  ['GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO PUBLIC', 'trusted'],
  ['CREATE VIEW steep_repl.report AS SELECT node_id FROM steep_repl.nodes', 'trusted'],
  [
    'ALTER ROLE OTHER SUPERUSER; ALTER SCHEMA steep_repl OWNER TO OTHER; ALTER TABLE steep_repl.nodes OWNER TO OTHER',
    'trusted',
  ],
  [`INSERT INTO steep_repl.schema_version VALUES (99, now(), 'newer')`, 'trusted'],
  [
    `INSERT INTO steep_repl.schema_version VALUES (99, now(), 'newer'); ALTER TABLE steep_repl.nodes ADD later text`,
    'METADATA_NEWER',
  ],
];

describe.each(lastByDay(majors.filter((major) => major === 14 || major === 18)))(
  'PostgreSQL %i',
  (major) => {
    test('each of them is named, and nothing else is', { timeout: 600_000 }, async () => {
      const database = await cluster.database(major);
      const role = `role_${database.name}`;
      await database.query(`CREATE ROLE ${role}`);
      const wrong: string[] = [];
      for (const [change, said] of variants) {
        await database.query('DROP SCHEMA IF EXISTS steep_repl CASCADE');
        await installMetadata(database);
        await database.query(change.replaceAll('OTHER', role));
        const answer = await judged(database);
        if (!answer.includes(said.replaceAll('OTHER', role))) wrong.push(`${change}: ${answer}`);
      }
      expect(wrong).toEqual([]);
    });

    test('an owner and a writer that steep.yaml names', async () => {
      const database = await cluster.database(major);
      const [owner, member, writer] = ['owner', 'member', 'writer'].map(
        (what) => `${what}_${database.name}`,
      ) as [string, string, string];
      await database.query(`
      CREATE ROLE ${owner}; CREATE ROLE ${member}; CREATE ROLE ${writer}; GRANT ${owner} TO ${member};
      GRANT CREATE ON DATABASE ${database.name} TO ${owner}; SET ROLE ${owner}`);
      await installMetadata(database);
      await database.query(`RESET ROLE; GRANT INSERT ON steep_repl.nodes TO ${member}`);
      expect(await judged(database)).toContain('METADATA_NOT_TRUSTED');
      expect(await judged(database, [member])).toContain('METADATA_NOT_TRUSTED');
      expect(await judged(database, [owner])).toBe('trusted');
      await database.query(`GRANT INSERT ON steep_repl.nodes TO ${writer}`);
      expect(await judged(database, [owner])).toContain(`nodes allows INSERT by ${writer}`);
      expect(await judged(database, [owner, writer])).toBe('trusted');
    });

    test.each([1, 2, 3])('version %i, as an earlier steep left it, is trusted', async (version) => {
      expect(version).toBeLessThan(metadataVersion);
      const database = await cluster.database(major);
      await installMetadata(database, version);
      expect(await judged(database)).toBe('trusted');
    });
  },
);
