// The SQL that makes roles with no more rights than this topology needs, for each node and its version.
// Passwords are psql variables: nothing here is a secret.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { Grant, GrantCommand, GrantScript } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { readGrants } from '../rights/read-grants.ts';
import { type DoctorContext, nodesOfCluster, subscriptionsFrom } from './context.ts';
import { grant, unlessEmpty } from './grant.ts';
import { proposedRoles, replicationRole, steepRole } from './grant-roles.ts';
import { oneOf } from './name-set.ts';
import { type Needs, needsOf } from './needs.ts';
import { queueGrants, workingGrants } from './queue-grants.ts';
import { type ReadingCommand, readingGrants } from './reading-grants.ts';
import { requiredGrants } from './required-grants.ts';

const passwordVariable = (role: string): string => `${role.replace(/\W/g, '_')}_password`;

/** What the grants are for, and for whom; null: the role that follows from the command. */
export interface GrantRequest {
  readonly command: GrantCommand;
  readonly role: string | null;
}

/** A worker applies the same file, with the same connections. */
const applies = ({ command }: GrantRequest): boolean => command === 'apply' || command === 'worker';

export const ownRole = (
  { state }: Pick<NodeFacts, 'state'>,
  { command, role }: GrantRequest,
): string =>
  role ?? (command === 'apply' || command === 'worker' ? steepRole(state) : proposedRoles[command]);

const rolesMade = (
  node: NodeFacts,
  context: DoctorContext,
  request: GrantRequest,
): readonly string[] => [
  ownRole(node, request),
  ...(applies(request) && subscriptionsFrom(node, context).length > 0
    ? [replicationRole(node, ownRole(node, request))]
    : []),
];

interface NewRole {
  readonly role: string;
  readonly why: string;
  readonly replication: boolean;
}

const makeRole = (
  node: NodeFacts,
  context: DoctorContext,
  request: GrantRequest,
  { role, why, replication }: NewRole,
): Grant => {
  const name = quoteIdentifier(role);
  const attributes = `LOGIN${replication ? ' REPLICATION' : ''}`;
  const [first = node] = nodesOfCluster(node, context).filter((peer) =>
    rolesMade(peer, context, request).includes(role),
  );
  const exists = node.existingRoles.includes(role) || first !== node;
  if (exists) {
    return grant(
      [why, 'The role exists, or was created for a node of the same cluster.'],
      [`ALTER ROLE ${name} ${attributes};`],
    );
  }
  const variable = passwordVariable(role);
  return grant(
    [why, `In psql, first: \\prompt 'Password of ${role}: ' ${variable}`],
    [`CREATE ROLE ${name} ${attributes} PASSWORD :'${variable}';`],
  );
};

const onDatabase = (right: string, database: string, role: string): string =>
  `GRANT ${right} ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(role)};`;

/** Row security would hide rows from copies. */
const bypass = (
  { state }: NodeFacts,
  copied: readonly QualifiedName[],
  role: string,
): readonly string[] => {
  const isCopied = oneOf(copied);
  return state.tables.some((table) => table.rowSecurity !== 'none' && isCopied(table.name))
    ? [`ALTER ROLE ${quoteIdentifier(role)} BYPASSRLS;`]
    : [];
};

/** For the copies of other nodes. */
const copying = (
  node: NodeFacts,
  needs: Needs,
  context: DoctorContext,
  request: GrantRequest,
): readonly Grant[] => {
  if (needs.outgoing.length === 0) return [];
  const role = replicationRole(node, ownRole(node, request));
  const why = `${role} reads what the other nodes copy.`;
  if (role === ownRole(node, request)) {
    const given = new Set(
      context.rights.filter((right) => right.node === node.state.node).map(({ object }) => object),
    );
    const others = needs.copiedTables.filter((table) => !given.has(formatName(table)));
    return unlessEmpty(grant(why, [...readGrants(others, role), ...bypass(node, others, role)]));
  }
  return [
    makeRole(node, context, request, {
      role,
      why: 'The role that the other nodes connect as.',
      replication: true,
    }),
    grant(why, [
      onDatabase('CONNECT', node.state.server.database, role),
      ...readGrants(needs.copiedTables, role),
      ...bypass(node, needs.copiedTables, role),
    ]),
  ];
};

/** What every role of steep does: connect, and look around. */
const looking = (node: NodeFacts, role: string, purpose: string): Grant => {
  const databases = [
    ...new Set([node.state.server.database, node.state.ownership.metadata.database]),
  ];
  return grant(`To connect; ${purpose}.`, [
    ...databases.map((each) => onDatabase('CONNECT', each, role)),
    `GRANT pg_read_all_stats TO ${quoteIdentifier(role)};`,
  ]);
};

/** Its tables are read with slots: by subscriptions, or by `steep snapshot generate`. */
const publishes = ({ state }: NodeFacts, { desired }: DoctorContext): boolean =>
  [
    ...desired.publications.map(({ node }) => node),
    ...desired.subscriptions.map(({ source }) => source),
  ].includes(state.node);

const applying = (
  node: NodeFacts,
  needs: Needs,
  context: DoctorContext,
  request: GrantRequest,
): readonly Grant[] => {
  const role = ownRole(node, request);
  const own = { role, why: `The role that steep ${request.command} connects as.` };
  return [
    makeRole(node, context, request, { ...own, replication: publishes(node, context) }),
    looking(node, role, 'to see who blocks a step and which transactions delay a slot'),
    ...requiredGrants(node, context),
    ...copying(node, needs, context, request),
    ...(request.command === 'worker' ? workingGrants(needs, role) : []),
  ];
};

const queueing = (
  node: NodeFacts,
  context: DoctorContext,
  request: GrantRequest,
): readonly Grant[] => {
  const role = ownRole(node, request);
  const why = 'The role that adds operations to the queue of the node, and changes nothing itself.';
  const { database } = node.state.ownership.metadata;
  return [
    makeRole(node, context, request, { role, why, replication: false }),
    grant('To connect.', [onDatabase('CONNECT', database, role)]),
    ...queueGrants(node, role),
  ];
};

const reading = (
  command: ReadingCommand,
  node: NodeFacts,
  needs: Needs,
  context: DoctorContext,
  request: GrantRequest,
): readonly Grant[] => {
  const role = ownRole(node, request);
  const why = `The role that steep ${command} connects as: it only reads.`;
  return [
    makeRole(node, context, request, { role, why, replication: false }),
    looking(node, role, 'to see sessions, walsenders and slots that were left behind'),
    ...readingGrants(command, node, needs, role),
  ];
};

/** Everything an administrator runs on one node. */
export const grantScript = (
  node: NodeFacts,
  context: DoctorContext,
  request: GrantRequest,
): GrantScript => {
  const { server } = node.state;
  const needs = needsOf(node, context);
  const { command } = request;
  const grantsFor = (of: GrantCommand): readonly Grant[] => {
    if (of === 'apply' || of === 'worker') return applying(node, needs, context, request);
    return of === 'queue'
      ? queueing(node, context, request)
      : reading(of, node, needs, context, request);
  };
  return {
    name: node.state.node,
    readable: true,
    version: server.version,
    database: server.database,
    grants: grantsFor(command),
  };
};
