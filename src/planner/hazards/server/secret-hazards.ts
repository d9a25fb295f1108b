// Where a password in a connection string stays readable.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { ServerFacts } from '../../../model/state/server.ts';
import { passing, sampledTransactions } from '../../../model/state/statement-logging.ts';
import { desiredSubscription, type PlanContext } from '../../context/context.ts';
import { parameterGrants } from '../../rights/parameters.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

/** Of a connection string that is written: none where it holds no password. */
export const secretHazards = (
  desired: Subscription,
  context: PlanContext,
): readonly FoundHazard[] =>
  desiredSubscription(context, desired.node, desired.name)?.secretInConnection === true
    ? [inCatalog(desired, context), ...inLog(desired, context)]
    : passwordRequired(desired, context);

/** PostgreSQL asks for a password of its own in each subscription whose owner is no superuser (16+; before, all owners are). */
const needsPassword = ({ node, spec }: Subscription, { live }: PlanContext): boolean => {
  const server = live.nodes[node]?.server;
  if (server === undefined || spec.options.password_required === 'false') return false;
  return server.features.createSubscriptionRole && !server.role.superuser;
};

const passwordRequired = (desired: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const { address, name, node, spec } = desired;
  if (!needsPassword(desired, context) || context.live.connectionsSkipped === true) return [];
  return [
    hazard(
      'block',
      'PASSWORD_REQUIRED',
      address,
      `The connection string of subscription ${name} would hold no password, and PostgreSQL requires one on node ${node}, where role ${context.live.nodes[node]?.server.role.name ?? ''} is not a superuser. A passfile or a service does not count.`,
      `Add password_env: NAME to the replication_connection of node ${spec.source ?? ''} in steep.yaml.`,
    ),
  ];
};

const byFile =
  'Use passfile or service in replication_connection: both are resolved on the server of the subscriber.';

/** What helps the owner that the subscription has. */
const cureOf = (desired: Subscription, context: PlanContext): string =>
  needsPassword(desired, context)
    ? 'PostgreSQL requires it there, since its owner is not a superuser: connect with a role that only replicates and reads what is published.'
    : byFile;

const inCatalog = (desired: Subscription, context: PlanContext): FoundHazard => {
  const { address, name, node } = desired;
  return hazard(
    'warning',
    'SECRET_IN_CATALOG',
    address,
    `The connection string of subscription ${name} holds a password, which superusers of node ${node} can read in pg_subscription.`,
    cureOf(desired, context),
  );
};

/** What the role may not turn off. */
const inLog = (desired: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const { address, name, node } = desired;
  const server = context.live.nodes[node]?.server;
  const kept = (server?.statementLogging ?? [])
    .filter(({ setting, mayTurnOff }) => !mayTurnOff && setting !== passing)
    .map(({ setting }) => setting);
  if (server === undefined || kept.length === 0) return [];
  return [
    hazard(
      'warning',
      'PASSWORD_IN_SERVER_LOG',
      address,
      `${whatIsKept(kept)} with the password of subscription ${name} in it (${kept.join(', ')}), and role ${server.role.name} may not turn that off.`,
      [...(needsPassword(desired, context) ? [] : [byFile]), ...grantOf(kept, server)].join(' '),
    ),
  ];
};

/** What servers come with keeps only a statement that fails. */
const whatIsKept = (kept: readonly string[]): string =>
  kept.every((setting) => setting === 'log_min_error_statement')
    ? 'If the statement fails, the server keeps its text'
    : 'The server keeps the text of the statement';

const grantOf = (kept: readonly string[], server: ServerFacts): readonly string[] => {
  const names = kept.filter((setting) => setting !== sampledTransactions);
  return parameterGrants(names, server, server.role.name).map((grant) => `Or: ${grant}`);
};
