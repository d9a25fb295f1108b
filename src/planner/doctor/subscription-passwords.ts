// The subscription of a role that is no superuser needs a password, and a publisher that really asks for it (16+).

import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { type DoctorContext, incoming, type Observation, observation } from './context.ts';

const missing = (message: string, cure: readonly string[]): Observation =>
  observation('right.subscriptions', 'error', message, cure);

/** PostgreSQL refuses a subscription of such a role that would get in without a password of its own. */
export const passwordChecks = (node: NodeFacts, context: DoctorContext): readonly Observation[] =>
  node.state.server.features.createSubscriptionRole
    ? [...new Set(incoming(node, context).map(({ source }) => source))].flatMap((name) => {
        const source = context.nodes.get(name);
        return source === undefined ? [] : passwordOf(name, source);
      })
    : [];

const passwordOf = (
  name: string,
  { replication: { hasPassword, probe } }: NodeFacts,
): readonly Observation[] => {
  if (!hasPassword) {
    return [
      missing(
        `The replication_connection of node ${name} holds no password, and PostgreSQL requires one in a subscription whose owner is not a superuser.`,
        ['Add `password_env: NAME` to that replication_connection in steep.yaml.'],
      ),
    ];
  }
  if (probe.kind !== 'reached' || probe.passwordAsked) return [];
  return [
    missing(
      `Node ${name} accepts the role of its replication_connection without a password, and PostgreSQL then refuses a subscription whose owner is not a superuser.`,
      [
        `Use scram-sha-256 in pg_hba.conf of node ${name}, then on that node:`,
        'SELECT pg_catalog.pg_reload_conf();',
      ],
    ),
  ];
};
