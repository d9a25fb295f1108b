// Settings that steep changes for its own sessions, and that only superusers change unless it is granted (15 and
// later).

import { quoteIdentifier } from '../../model/identifier.ts';
import type { ServerFacts } from '../../model/state/server.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { sampledTransactions } from '../../model/state/statement-logging.ts';

export const replicaRole = 'session_replication_role';

/** steep fills the tables itself: triggers and foreign keys are switched off for its sessions. */
export const isFilledBySteep = ({ init }: DesiredSubscription): boolean =>
  init === 'parallel' || init === 'two_phase';

/** What these subscriptions of a node take, sorted. */
export const parametersFor = (
  incoming: readonly DesiredSubscription[],
  { statementLogging }: ServerFacts,
): readonly string[] => {
  const carriesPassword = incoming.some(({ secretInConnection }) => secretInConnection);
  const logging = carriesPassword ? statementLogging.map(({ setting }) => setting) : [];
  const replica = incoming.some(isFilledBySteep) ? [replicaRole] : [];
  return [...logging, ...replica].filter((name) => name !== sampledTransactions).toSorted();
};

/** Nothing where PostgreSQL has no such right, before 15. */
export const parameterGrants = (
  names: readonly string[],
  { features }: ServerFacts,
  role: string,
): readonly string[] =>
  features.parameterPrivileges && names.length > 0
    ? [`GRANT SET ON PARAMETER ${names.join(', ')} TO ${quoteIdentifier(role)};`]
    : [];
