// Reads what a server is, may do and has left: everything a plan needs to know before its first step.
// Works on versions that steep does not support, so that preflight.ts can say so.

import { tagFunctions } from '../../model/report/repair.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ReaderFacts, RoleFacts, ServerFacts } from '../../model/state/server.ts';
import { actingRole, actingRoleName } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { featuresOf, formatVersion } from '../../postgres/versions.ts';
import { readWorkerSettings } from '../objects/read-worker-settings.ts';
import { readWriters } from '../objects/read-writers.ts';
import type { Endpoint } from '../objects/subscription-connection.ts';
import { readLimits } from './read-limits.ts';
import { readReplicationSettings } from './read-replication-settings.ts';
import { readStatementLogging } from './read-statement-logging.ts';

export interface ServerContext {
  readonly node: NodeName;
  readonly endpoints: readonly Endpoint[];
  readonly metadataVersion: number;
  /** The database of steep_repl, where it is not this one. */
  readonly metadataDatabase: string | null;
  readonly publishesMetadata: readonly string[];
  /** Whom subscribers connect as; null: it is not known. */
  readonly replicationRole: string | null;
}

export const readServer = async (
  session: Session,
  context: ServerContext,
): Promise<ServerFacts> => {
  const facts = await readFacts(session);
  const { limits, maxSlotWalKeepSize } = await readLimits(session);
  const own = context.endpoints.find(({ node }) => node === context.node)?.conninfo;
  return {
    systemIdentifier: facts.system_identifier,
    timeline: facts.timeline,
    database: facts.database,
    host: own?.get('host') ?? 'localhost',
    port: Number(own?.get('port') ?? facts.port),
    versionNumber: session.serverVersion,
    version: formatVersion(session.serverVersion),
    features: featuresOf(session.serverVersion),
    inRecovery: facts.in_recovery,
    walLevel: facts.wal_level,
    encoding: facts.encoding,
    // A pooler makes up the process id that it gives to its clients.
    pooled: facts.pid !== session.pid,
    role: facts.role,
    reader: facts.reader,
    limits,
    statementLogging: await readStatementLogging(session),
    workerSettings: await readWorkerSettings(session),
    replicationSettings: await readReplicationSettings(session, context.replicationRole),
    maxSlotWalKeepSize,
    physicalStandbys: facts.physical_standbys,
    metadataVersion: context.metadataVersion,
    metadataDatabase: context.metadataDatabase,
    publishesMetadata: context.publishesMetadata,
    writers: await readWriters(session),
    walPosition: facts.wal_position,
  };
};

async function readFacts(session: Session): Promise<FactsRow> {
  const [row] = await session.query<FactsRow>(factsQuery(session));
  if (row === undefined) throw new Error('The server answered a query of one row with none.');
  return row;
}

/** Of `k`, the last checkpoint: a server that was just promoted writes to its new timeline before any says so. */
export const timelineNow: Sql = sql`
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN k.timeline_id
       ELSE ('x' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::integer
   END`;

/** Of the role r, whose OID is a.oid. Before 15 only superusers set it, and the function that tells is not there. */
const mayBeReplica = ({ serverVersion }: Session): Sql =>
  featuresOf(serverVersion).parameterPrivileges
    ? sql`pg_catalog.has_parameter_privilege(a.oid, 'session_replication_role', 'SET')`
    : sql`COALESCE(r.rolsuper, false)`;

/** RoleFacts of the role that applies: r, or no row where there is none; a.oid is its OID, or 0. */
const roleFacts = (session: Session): Sql => sql`
         pg_catalog.json_build_object(
           'name', ${actingRoleName(session)},
           'exists', r.oid IS NOT NULL,
           'superuser', COALESCE(r.rolsuper, false),
           'replication', COALESCE(r.rolreplication, false),
           'createOnDatabase', pg_catalog.has_database_privilege(a.oid, d.oid, 'CREATE'),
           'createSubscription', COALESCE(r.rolsuper, false) OR EXISTS (
             SELECT FROM pg_catalog.pg_roles AS g
              WHERE g.rolname = 'pg_create_subscription' AND pg_catalog.pg_has_role(a.oid, g.oid, 'USAGE')),
           'advanceOrigins', pg_catalog.has_function_privilege(a.oid,
             'pg_catalog.pg_replication_origin_advance(text, pg_catalog.pg_lsn)', 'EXECUTE'),
           'readOrigins', pg_catalog.has_function_privilege(a.oid,
             'pg_catalog.pg_replication_origin_progress(text, boolean)', 'EXECUTE'),
           'tagOrigins', (SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(a.oid, f.name, 'EXECUTE'))
                            FROM pg_catalog.unnest(${tagFunctions}::text[]) AS f (name)),
           'sessionReplicationRole', ${mayBeReplica(session)},
           'connectionStrings', pg_catalog.has_column_privilege(a.oid, 'pg_catalog.pg_subscription', 'subconninfo', 'SELECT'),
           'statistics', pg_catalog.pg_has_role(a.oid, 'pg_read_all_stats'::pg_catalog.name, 'USAGE'))`;

/**
 * Standbys: their slots, and walsenders that stream without one. A role that may not see other sessions
 * counts the slots only.
 */
const factsQuery = (session: Session): Sql => sql`
  SELECT c.system_identifier::text AS system_identifier,
         ${timelineNow} AS timeline,
         d.datname::text AS database, pg_catalog.pg_encoding_to_char(d.encoding)::text AS encoding,
         pg_catalog.pg_is_in_recovery() AS in_recovery, pg_catalog.pg_backend_pid() AS pid,
         pg_catalog.current_setting('wal_level') AS wal_level, pg_catalog.current_setting('port') AS port,
         CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_lsn()::text END
           AS wal_position,
         (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots AS s
           WHERE s.slot_type = 'physical' AND NOT s.temporary)
         + (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication AS w
             WHERE w.state IN ('catchup', 'streaming')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots AS s WHERE s.active_pid = w.pid))
           AS physical_standbys,
         ${roleFacts(session)} AS role,
         pg_catalog.json_build_object(
           'name', u.rolname,
           'superuser', u.rolsuper,
           'replication', u.rolreplication,
           'statistics', pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'),
           'fileSettings', pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE')) AS reader
    FROM pg_catalog.pg_control_system() AS c
   CROSS JOIN pg_catalog.pg_control_checkpoint() AS k
    JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
    JOIN pg_catalog.pg_roles AS u ON u.rolname = CURRENT_USER
   CROSS JOIN (SELECT ${actingRole(session)} AS oid) AS a
    LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.oid
   ORDER BY d.datname`;

interface FactsRow {
  readonly system_identifier: string;
  readonly timeline: number;
  readonly database: string;
  readonly encoding: string;
  readonly in_recovery: boolean;
  readonly pid: number;
  readonly wal_level: string;
  readonly port: string;
  readonly wal_position: string | null;
  readonly physical_standbys: number;
  readonly role: RoleFacts;
  readonly reader: ReaderFacts;
}
