// What a role needs to create and own the subscriptions of a node: a superuser up to 15; from 16 a role,
// a password that the publisher really asks for, and SET ROLE to the owners of the tables that it fills.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { type DoctorContext, type Observation, observation } from './context.ts';
import { oneOf } from './name-set.ts';
import type { Needs } from './needs.ts';
import { objectOwnership, tableOwnership } from './ownership.ts';

const missing = (message: string, cure: readonly string[]): Observation =>
  observation('right.subscriptions', 'error', message, cure);

const creation = (node: NodeFacts): readonly Observation[] => {
  const { role, database } = node.state.server;
  const name = quoteIdentifier(role.name);
  const grants = [
    ...(role.createSubscription ? [] : [`GRANT pg_create_subscription TO ${name};`]),
    ...(role.createOnDatabase
      ? []
      : [`GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${name};`]),
  ];
  if (grants.length === 0) return [];
  return [
    missing(`Role ${role.name} may not create subscriptions in database ${database}.`, grants),
  ];
};

/** PostgreSQL refuses a subscription of such a role that would get in without a password of its own. */
const passwords = (needs: Needs, context: DoctorContext): readonly Observation[] =>
  [...new Set(needs.incoming.map(({ source }) => source))].flatMap((name) => {
    const source = context.nodes.get(name);
    if (source === undefined) return [];
    const { hasPassword, probe } = source.replication;
    if (!hasPassword) {
      return [
        missing(
          `The replication_connection of node ${name} holds no password, and PostgreSQL demands one in the subscription of a role that is no superuser.`,
          ['Add `password_env: NAME` to that replication_connection in steep.yaml.'],
        ),
      ];
    }
    if (probe.kind !== 'reached' || probe.passwordAsked) return [];
    return [
      missing(
        `Node ${name} lets the role of its replication_connection in without asking for the password, and PostgreSQL then refuses the subscription of a role that is no superuser.`,
        [
          `Let pg_hba.conf of node ${name} ask for scram-sha-256, then on that node:`,
          'SELECT pg_reload_conf();',
        ],
      ),
    ];
  });

const withoutPassword = (needs: Needs): readonly Observation[] =>
  needs.incoming
    .filter(({ options }) => options.password_required === 'false')
    .map(({ name }) =>
      missing(`Only superusers may set password_required = false, as subscription ${name} does.`, [
        'Remove the option from steep.yaml, or connect as a superuser.',
      ]),
    );

const ownership = (node: NodeFacts, needs: Needs): readonly Observation[] => {
  const { role } = node.state.server;
  const wanted = new Set(needs.incoming.map(({ name }) => name));
  const foreign = node.rights.subscriptions.filter(({ name, owned }) => !owned && wanted.has(name));
  const filled = oneOf(needs.targetTables);
  const tables = node.rights.tables.filter(({ table, settable }) => !settable && filled(table));
  return [
    ...(foreign.length === 0
      ? []
      : [
          missing(
            `Role ${role.name} may not alter subscriptions of others: ${foreign.map(({ name }) => name).join(', ')}.`,
            objectOwnership('SUBSCRIPTION', foreign, role.name).sql,
          ),
        ]),
    ...(tables.length === 0
      ? []
      : [
          missing(
            `Changes are applied as the owner of each table, and role ${role.name} may not become the owner of ${tables.length} tables.`,
            tableOwnership(tables, role.name).sql,
          ),
        ]),
  ];
};

/** For a role that is no superuser. */
export const subscriptionRights = (
  node: NodeFacts,
  needs: Needs,
  context: DoctorContext,
): readonly Observation[] => {
  if (needs.incoming.length === 0) return [];
  const { role, features, version } = node.state.server;
  if (!features.createSubscriptionRole) {
    return [
      missing(
        `PostgreSQL ${version} lets only superusers create subscriptions; from 16 a role can be given that right.`,
        [`ALTER ROLE ${quoteIdentifier(role.name)} SUPERUSER;`],
      ),
    ];
  }
  const found = [
    ...creation(node),
    ...passwords(needs, context),
    ...withoutPassword(needs),
    ...ownership(node, needs),
  ];
  return found.length > 0
    ? found
    : [
        observation(
          'right.subscriptions',
          'ok',
          'The role may create the subscriptions of the file.',
        ),
      ];
};
