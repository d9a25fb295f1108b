// Rights that no single object has: to create, to replicate, to subscribe, to set parameters and to call functions.

import { quoteIdentifier } from '../../model/identifier.ts';
import { tagFunctions } from '../../model/report/repair.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { sampledTransactions } from '../../model/state/statement-logging.ts';
import {
  executeGrant,
  logSnapshot,
  markSlot,
  originAdvance,
  originProgress,
  readFile,
} from './functions.ts';
import { metadataGrants } from './metadata-grants.ts';
import { parameterGrants, replicaRole } from './parameters.ts';
import { type RequiredRight, type RoleOnNode, requiredRight } from './required-right.ts';

export const makeSuperuser = (role: string): string =>
  `ALTER ROLE ${quoteIdentifier(role)} SUPERUSER;`;

/** The role that steep.yaml names may have to be made first. */
export const roleRight = (place: RoleOnNode): RequiredRight =>
  requiredRight(place, {
    kind: 'role',
    object: place.role,
    purpose: 'everything (it does not exist)',
    held: place.state.server.role.exists,
    sql: [`CREATE ROLE ${quoteIdentifier(place.role)} LOGIN;`],
  });

/** Every step records what it did in steep_repl, and the first one makes it. */
export const metadataRight = (place: RoleOnNode): RequiredRight => {
  const { state, role } = place;
  const { metadata } = state.ownership;
  const { schema } = metadata;
  const isHere = metadata.database === state.server.database;
  const old = state.server.metadataVersion < metadataVersion;
  const right = (object: string, held: boolean): RequiredRight =>
    requiredRight(place, {
      kind: 'metadata',
      object,
      purpose: schema === null && isHere ? createPurpose(place) : 'steep_repl',
      held,
      sql: metadataGrants(metadata, role),
    });
  if (schema === null) {
    const held = isHere ? state.server.role.createOnDatabase : metadata.createOnDatabase;
    return right(`create schema steep_repl in database ${metadata.database}`, held);
  }
  return old && schema.usage && schema.writable
    ? right(`upgrade steep_repl, which belongs to ${schema.owner}`, schema.owned)
    : right(
        `read and write steep_repl, which belongs to ${schema.owner}`,
        schema.owned || (schema.usage && schema.writable),
      );
};

const createPurpose = ({ state }: RoleOnNode): string =>
  `creating objects in database ${state.server.database}`;

/** What: publications, subscriptions, schemas or extensions. */
export const createRight = (place: RoleOnNode, what: string): RequiredRight => {
  const { role, database } = place.state.server;
  const name = quoteIdentifier(place.role);
  return requiredRight(place, {
    kind: 'create',
    object: what,
    purpose: createPurpose(place),
    held: role.createOnDatabase,
    sql: [`GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${name};`],
  });
};

export const replicationRight = (place: RoleOnNode): RequiredRight =>
  requiredRight(place, {
    kind: 'replication',
    object: 'slots',
    purpose: 'replication slots',
    held: place.state.server.role.replication,
    sql: [`ALTER ROLE ${quoteIdentifier(place.role)} REPLICATION;`],
  });

export const publishSchemasRight = (place: RoleOnNode): RequiredRight =>
  requiredRight(place, {
    kind: 'publish-schemas',
    object: 'TABLES IN SCHEMA',
    purpose: 'TABLES IN SCHEMA',
    held: false,
    superuser: true,
    sql: [makeSuperuser(place.role)],
  });

/** Before 16 PostgreSQL asks for a superuser, whatever else the role may do. */
export const onlySuperusersSubscribe = ({ state }: RoleOnNode): boolean =>
  !state.server.features.createSubscriptionRole;

export const subscribeRights = (
  place: RoleOnNode,
  subscription: string,
  options: Readonly<Record<string, string>>,
): readonly RequiredRight[] => {
  if (onlySuperusersSubscribe(place)) {
    const purpose = 'creating subscriptions';
    const sql = [makeSuperuser(place.role)];
    const kind = 'superuser-subscribes';
    return [requiredRight(place, { kind, object: '', purpose, held: false, superuser: true, sql })];
  }
  const { createSubscription } = place.state.server.role;
  return [
    createRight(place, 'subscriptions'),
    requiredRight(place, {
      kind: 'subscribe',
      object: 'subscriptions',
      purpose: 'creating subscriptions',
      held: createSubscription,
      sql: [`GRANT pg_create_subscription TO ${quoteIdentifier(place.role)};`],
    }),
    ...(options.password_required === 'false' ? [withoutPassword(place, subscription)] : []),
  ];
};

const withoutPassword = (place: RoleOnNode, subscription: string): RequiredRight =>
  requiredRight(place, {
    kind: 'without-password',
    object: subscription,
    purpose: `password_required = false of subscription ${subscription}`,
    held: false,
    superuser: true,
    sql: [makeSuperuser(place.role)],
  });

/** Where it is missing, the server may keep a password in its log: a plan says so, and is executed. */
export const loggingRights = (
  place: RoleOnNode,
  { secretInConnection }: Pick<DesiredSubscription, 'secretInConnection'>,
): readonly RequiredRight[] =>
  secretInConnection
    ? place.state.server.statementLogging
        .filter(({ setting }) => setting !== sampledTransactions)
        .flatMap(({ setting, mayTurnOff }) => parameterRight(place, setting, mayTurnOff, false))
    : [];

/** To fill tables without their triggers and foreign keys; needed only where there are some. */
export const replicaRight = (place: RoleOnNode, needed: boolean): readonly RequiredRight[] => {
  const { sessionReplicationRole } = place.state.server.role;
  return parameterRight(place, replicaRole, sessionReplicationRole, needed);
};

/** Before 15 only superusers may, and no statement gives it. */
const parameterRight = (
  place: RoleOnNode,
  name: string,
  held: boolean,
  needed: boolean,
): readonly RequiredRight[] => {
  const grants = parameterGrants([name], place.state.server, place.role);
  const superuser = grants.length === 0;
  if (superuser && !needed) return [];
  const sql = superuser ? [makeSuperuser(place.role)] : grants;
  const purpose = `setting ${name}`;
  const given = { kind: 'parameter', object: name, purpose, held, needed, superuser, sql } as const;
  return [requiredRight(place, given)];
};

export const readOriginsRight = (place: RoleOnNode, needed: boolean): RequiredRight =>
  requiredRight(place, {
    kind: 'read-origins',
    object: originProgress,
    purpose: 'reading replication origins',
    held: place.state.server.role.readOrigins,
    needed,
    sql: [executeGrant([originProgress], place.role)],
  });

export const setOriginsRight = (place: RoleOnNode): RequiredRight =>
  requiredRight(place, {
    kind: 'set-origins',
    object: originAdvance,
    purpose: 'replication origins',
    held: place.state.server.role.advanceOrigins,
    sql: [executeGrant([originAdvance], place.role)],
    instead: [executeGrant([readFile], place.role)],
  });

/** To write rows that are not sent back to where they came from. */
export const tagOriginsRight = (place: RoleOnNode): RequiredRight =>
  requiredRight(place, {
    kind: 'tag-origins',
    object: tagFunctions.join(', '),
    purpose: 'writing rows with an origin',
    held: place.state.server.role.tagOrigins,
    sql: [executeGrant(tagFunctions, place.role)],
  });

/** To let slots move on at once. Before 16 a checkpoint does it. */
export const logSnapshotsRights = (place: RoleOnNode): readonly RequiredRight[] => {
  const { logsSnapshots, checkpointRole } = place.state.server.features;
  if (!logsSnapshots && !checkpointRole) return [];
  const sql = logsSnapshots
    ? executeGrant([logSnapshot], place.role)
    : `GRANT pg_checkpoint TO ${quoteIdentifier(place.role)};`;
  return [
    requiredRight(place, {
      kind: 'log-snapshots',
      object: 'slots',
      purpose: 'letting slots move on at once',
      // Without it a step waits longer, and nothing says so in advance.
      held: true,
      needed: false,
      sql: [sql],
    }),
  ];
};

/** Once an apply has converged: without it, a slot that was dropped and created again is told by less. */
export const markSlotsRight = (place: RoleOnNode): RequiredRight =>
  requiredRight(place, {
    kind: 'mark-slots',
    object: markSlot,
    purpose: 'telling slots from later ones of the same name',
    // No step fails without it, and nothing says so in advance.
    held: true,
    needed: false,
    sql: [executeGrant([markSlot], place.role)],
  });
