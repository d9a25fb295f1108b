// Settings that steep changes for its own sessions, and that only superusers change unless it is granted (15 and
// later).

import { quoteIdentifier } from '../../model/identifier.ts';
import type { ServerFacts } from '../../model/state/server.ts';

export const replicaRole = 'session_replication_role';

/** Nothing where PostgreSQL has no such right, before 15. */
export const parameterGrants = (
  names: readonly string[],
  { features }: ServerFacts,
  role: string,
): readonly string[] =>
  features.parameterPrivileges && names.length > 0
    ? [`GRANT SET ON PARAMETER ${names.join(', ')} TO ${quoteIdentifier(role)};`]
    : [];
