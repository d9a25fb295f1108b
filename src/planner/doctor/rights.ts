// What the role that applies may not do and this topology needs, with the statements that give it.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { FindingStatus } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import { setsOrigin } from '../rights/calling.ts';
import { executeGrant, originAdvance, originProgress } from '../rights/functions.ts';
import { isFilledBySteep, parameterGrants, replicaRole } from '../rights/parameters.ts';
import { type DoctorCheck, type Observation, observation } from './context.ts';
import { metadataGrants } from './metadata-grants.ts';
import { oneOf } from './name-set.ts';
import { type Needs, needsOf } from './needs.ts';
import { objectOwnership, tableOwnership } from './ownership.ts';
import { schemaGrants } from './read-grants.ts';
import { subscriptionRights } from './subscription-rights.ts';

const roleOf = (node: NodeFacts): string => quoteIdentifier(node.state.server.role.name);

const metadataRight = (node: NodeFacts): Observation => {
  const { role, metadataVersion: installed } = node.state.server;
  const { schema, database, createOnDatabase } = node.rights.metadata;
  const cure = metadataGrants(node.rights.metadata, role.name);
  const missing = (what: string): Observation =>
    observation('right.metadata', 'error', `Role ${role.name} may not ${what}.`, cure);
  if (schema === null) {
    return createOnDatabase
      ? observation('right.metadata', 'ok', `The role may install steep_repl in ${database}.`)
      : missing(`create schema steep_repl in database ${database}`);
  }
  if (!schema.owned && (!schema.usage || !schema.writable)) {
    return missing(`read and write steep_repl, which belongs to ${schema.owner}`);
  }
  if (!schema.owned && installed < metadataVersion) {
    return missing(`upgrade steep_repl, which belongs to ${schema.owner}`);
  }
  return observation('right.metadata', 'ok', 'The role may write steep_repl.');
};

const publicationRights = (node: NodeFacts, needs: Needs): readonly Observation[] => {
  const { role, database } = node.state.server;
  if (needs.publications.length === 0) return [];
  const wanted = new Set(needs.publications.map(({ name }) => name));
  const found: Observation[] = [];
  const missing = (message: string, cure: readonly string[]): void => {
    found.push(observation('right.publications', 'error', message, cure));
  };
  if (!role.createOnDatabase) {
    missing(`Role ${role.name} may not create publications in database ${database}.`, [
      `GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${roleOf(node)};`,
    ]);
  }
  const published = oneOf(needs.publishedTables);
  const tables = node.rights.tables.filter(({ table, owned }) => !owned && published(table));
  if (tables.length > 0) {
    missing(
      `Role ${role.name} may publish only what it owns, and does not own ${tables.length} published tables.`,
      tableOwnership(tables, role.name).sql,
    );
  }
  const foreign = node.rights.publications.filter(({ name, owned }) => !owned && wanted.has(name));
  if (foreign.length > 0) {
    missing(
      `Role ${role.name} may not alter publications of others: ${foreign.map(({ name }) => name).join(', ')}.`,
      objectOwnership('PUBLICATION', foreign, role.name).sql,
    );
  }
  if (needs.publishesSchemas) {
    missing('Only superusers may publish TABLES IN SCHEMA.', [
      'List the tables in steep.yaml (`schema.*` expands to a list), or connect as a superuser.',
    ]);
  }
  return found.length > 0
    ? found
    : [observation('right.publications', 'ok', 'The role may publish every table of the file.')];
};

const schemaRight = (node: NodeFacts, needs: Needs): readonly Observation[] => {
  const { role } = node.state.server;
  const needed = oneOf([...needs.publishedTables, ...needs.targetTables]);
  const hidden = node.rights.tables
    .filter(({ table, reachable }) => !reachable && needed(table))
    .map(({ table }) => table);
  if (hidden.length === 0) return [];
  const message = `Role ${role.name} lacks USAGE on the schemas of ${hidden.length} tables.`;
  return [observation('right.schemas', 'error', message, schemaGrants(hidden, role.name))];
};

const slotRight = (node: NodeFacts, needs: Needs): readonly Observation[] => {
  const { role } = node.state.server;
  if (needs.outgoing.length === 0) return [];
  return [
    role.replication
      ? observation('right.slots', 'ok', 'The role may create and drop slots.')
      : observation('right.slots', 'error', `Role ${role.name} may not create or drop slots.`, [
          `ALTER ROLE ${roleOf(node)} REPLICATION;`,
        ]),
  ];
};

/** `otherwise`: how bad it is without the right; the sentence continues after "may not". */
interface CallRight {
  readonly check: string;
  readonly has: boolean;
  readonly otherwise: FindingStatus;
  readonly without: string;
  readonly cure: readonly string[];
}

const judge = ({ check, has, otherwise, without, cure }: CallRight, role: string): Observation =>
  has
    ? observation(check, 'ok', 'The role has this right.')
    : observation(check, otherwise, `Role ${role} may not ${without}`, cure);

const origins = ({ rights, state }: NodeFacts, { incoming }: Needs): CallRight => {
  const needed = incoming.some(setsOrigin);
  return {
    check: 'right.origins',
    has: rights.originFunctions,
    otherwise: needed ? 'error' : 'ok',
    without: needed
      ? 'call the functions of replication origins, which set where a subscription of the file begins.'
      : 'call the functions of replication origins; plan and apply of this file do without them.',
    cure: [executeGrant([originProgress, originAdvance], state.server.role.name)],
  };
};

const replica = ({ rights, state: { server } }: NodeFacts, { incoming }: Needs): CallRight => {
  const needed = incoming.some(isFilledBySteep);
  return {
    check: `right.${replicaRole}`,
    has: rights.sessionReplicationRole,
    otherwise: needed ? 'warning' : 'ok',
    without: needed
      ? `set ${replicaRole}: tables with foreign keys or triggers cannot be filled.`
      : `set ${replicaRole}; plan and apply of this file do without it.`,
    cure: server.features.parameterPrivileges
      ? parameterGrants([replicaRole], server, server.role.name)
      : ['Before PostgreSQL 15 only superusers may.'],
  };
};

const connectionStrings = ({ rights, state: { server } }: NodeFacts): CallRight => ({
  check: 'right.connection_strings',
  has: rights.connectionStrings,
  otherwise: 'ok',
  without:
    'read connection strings of subscriptions; a salted hash of what steep wrote is compared instead.',
  cure: [
    `GRANT SELECT (subconninfo) ON pg_catalog.pg_subscription TO ${quoteIdentifier(server.role.name)};`,
  ],
});

/** Settings and functions: what the file asks for may need them, and otherwise it is good to know. */
const callRights = (node: NodeFacts, needs: Needs): readonly Observation[] =>
  [origins(node, needs), replica(node, needs), connectionStrings(node)].map((right) =>
    judge(right, node.state.server.role.name),
  );

const statisticsRight = ({ rights, state }: NodeFacts): Observation =>
  rights.statistics
    ? observation('right.statistics', 'ok', 'The role sees the sessions of others.')
    : observation(
        'right.statistics',
        'warning',
        'The role does not see the sessions of others: who blocks a step, which transactions delay a slot, and which slots were left behind stays unknown.',
        [`GRANT pg_read_all_stats TO ${quoteIdentifier(state.server.role.name)};`],
      );

export const rightChecks: DoctorCheck = (node, context) => {
  const { role } = node.state.server;
  if (role.superuser) {
    return [observation('right', 'ok', `Role ${role.name} is a superuser: nothing is refused.`)];
  }
  if (!role.exists) {
    const message = `Role ${role.name}, which steep.yaml names as apply_role, does not exist.`;
    return [
      observation('right', 'error', message, ['steep doctor --grants prints how to make it.']),
    ];
  }
  const needs = needsOf(node, context);
  return [
    metadataRight(node),
    ...schemaRight(node, needs),
    ...publicationRights(node, needs),
    ...slotRight(node, needs),
    ...subscriptionRights(node, needs, context),
    ...callRights(node, needs),
    statisticsRight(node),
  ];
};
