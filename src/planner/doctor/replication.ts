// How the other nodes reach a node: whether the connection leads to the right server. As seen from this
// machine; another may see something else.

import type { NodeFacts, ReplicationFacts } from '../../model/report/doctor-facts.ts';
import { type DoctorCheck, type Observation, observation, subscriptionsFrom } from './context.ts';
import { hbaCheck } from './hba.ts';
import { replicationRoleCheck } from './replication-role.ts';

const connection = (node: NodeFacts): Observation => {
  const { endpoint, probe } = node.replication;
  const seen = (status: Observation['status'], message: string, cure: readonly string[] = []) =>
    observation('replication_connection', status, message, cure);
  switch (probe.kind) {
    case 'not-tried':
      return seen(
        'unknown',
        `The replication_connection to ${endpoint} was not tried: ${probe.why}`,
      );
    case 'failed':
      return failed(node, probe);
    case 'reached': {
      const { systemIdentifier, database } = node.state.server;
      if (probe.systemIdentifier !== systemIdentifier) {
        return seen(
          'error',
          `The replication_connection to ${endpoint} leads to another server: system identifier ${probe.systemIdentifier}, where connection leads to ${systemIdentifier}.`,
          ['Correct steep.yaml, so that both connections of the node lead to the same server.'],
        );
      }
      if (probe.database !== database) {
        return seen(
          'error',
          `The replication_connection leads to database ${probe.database}, where connection leads to ${database}.`,
          ['Name the same database in both connections of the node in steep.yaml.'],
        );
      }
      return seen(
        'ok',
        `The replication_connection to ${endpoint} reaches this node, as seen from here.`,
      );
    }
  }
};

/** What cannot be reached from here may be reached by the subscribers, and so may their password files. */
const inDoubt: ReadonlySet<string> = new Set([
  'UNREACHABLE',
  'CONNECTION_OPTION',
  'PASSFILE_UNSAFE',
]);

const failed = (
  node: NodeFacts,
  probe: Extract<ReplicationFacts['probe'], { readonly kind: 'failed' }>,
): Observation => {
  const guess =
    inDoubt.has(probe.code) || (probe.code === 'AUTHENTICATION_FAILED' && !probe.passwordKnown);
  return observation(
    'replication_connection',
    guess ? 'unknown' : 'error',
    guess
      ? `The replication_connection to ${node.replication.endpoint} could not be tried from here: ${probe.message}`
      : probe.message,
    guess ? [] : probe.suggestions,
  );
};

/** Nothing to report for a node without subscribers. */
export const replicationChecks: DoctorCheck = (node, context) =>
  subscriptionsFrom(node, context).length === 0
    ? []
    : [connection(node), ...replicationRoleCheck(node, context), ...hbaCheck(node, context)];
