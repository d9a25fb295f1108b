// Whether the role that other nodes connect as may replicate, and read the tables that they copy.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { NodeFacts, ReplicationRole } from '../../model/report/doctor-facts.ts';
import { readGrants } from '../rights/read-grants.ts';
import { type DoctorCheck, type DoctorContext, type Observation, observation } from './context.ts';
import { oneOf } from './name-set.ts';
import { needsOf } from './needs.ts';

const attributeFaults = (role: ReplicationRole, node: NodeFacts): readonly Observation[] => {
  const name = quoteIdentifier(role.name);
  const { attributes } = role;
  const { database } = node.state.server;
  const fault = (message: string, cure: string): Observation =>
    observation('replication_role', 'error', message, [cure]);
  if (attributes === null) {
    return [
      fault(
        `Role ${role.name}, which other nodes connect as, does not exist.`,
        'steep doctor --grants',
      ),
    ];
  }
  if (attributes.superuser) return [];
  return [
    ...(attributes.login
      ? []
      : [fault(`Role ${role.name} may not log in.`, `ALTER ROLE ${name} LOGIN;`)]),
    ...(attributes.replication
      ? []
      : [
          fault(
            `Role ${role.name} may not open replication connections.`,
            `ALTER ROLE ${name} REPLICATION;`,
          ),
        ]),
    ...(attributes.connect
      ? []
      : [
          fault(
            `Role ${role.name} may not connect to database ${database}.`,
            `GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${name};`,
          ),
        ]),
  ];
};

/** Of the tables that subscribers copy, those of this set. */
const copiedAmong = (
  node: NodeFacts,
  names: ReadonlySet<string>,
  context: DoctorContext,
): readonly QualifiedName[] => {
  const copied = oneOf(needsOf(node, context).copiedTables);
  return node.state.tables
    .map(({ name }) => name)
    .filter((name) => copied(name) && names.has(formatName(name)));
};

const tableFaults = (
  role: ReplicationRole,
  node: NodeFacts,
  context: DoctorContext,
): readonly Observation[] => {
  if (role.attributes === null || role.attributes.superuser) return [];
  const closed = copiedAmong(node, role.unreadable, context);
  const filtered = copiedAmong(node, role.filtered, context);
  const fault = (message: string, cure: readonly string[]): Observation =>
    observation('replication_role', 'error', message, cure);
  return [
    ...(closed.length === 0
      ? []
      : [
          fault(
            `Role ${role.name} may not read ${closed.length} of the tables that subscribers copy.`,
            readGrants(closed, role.name, copiedAmong(node, role.hidden, context)),
          ),
        ]),
    ...(filtered.length === 0
      ? []
      : [
          fault(
            `Row security may hide rows of ${filtered.map(formatName).join(', ')} from role ${role.name}: initial copies would lack them without an error.`,
            [`ALTER ROLE ${quoteIdentifier(role.name)} BYPASSRLS;`],
          ),
        ]),
  ];
};

const noUser = observation(
  'replication_role',
  'unknown',
  'The replication_connection names no user: the role depends on the machine from which other nodes connect.',
  ['Name the user in steep.yaml.'],
);

export const replicationRoleCheck: DoctorCheck = (node, context) => {
  const { role } = node.replication;
  if (role === null) return [noUser];
  const found = [...attributeFaults(role, node), ...tableFaults(role, node, context)];
  if (found.length > 0) return found;
  const well = `Role ${role.name} may replicate and read what is published.`;
  return [observation('replication_role', 'ok', well)];
};
