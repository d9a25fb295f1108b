// Which roles a script of grants is about: steep's own, and the one that other nodes connect as.

import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { NodeState } from '../../model/state/state.ts';

/** Names for roles in the place of superusers, and of users that the file does not name. */
export const proposedRoles = {
  steep: 'steep',
  replication: 'steep_replication',
  plan: 'steep_plan',
  drift: 'steep_drift',
  queue: 'steep_queue',
} as const;

/** The role that applies: the apply_role of the file, the connected one, or what it should be. */
export const steepRole = ({ server: { role, reader } }: NodeState): string =>
  role.superuser && role.name === reader.name ? proposedRoles.steep : role.name;

/** The role of replication_connection, or what it should be; without one in the file, `own` is that of steep. */
export const replicationRole = (node: NodeFacts, own: string): string => {
  const { role, sameAsOwn } = node.replication;
  if (sameAsOwn) return own;
  return role === null || role.attributes?.superuser === true
    ? proposedRoles.replication
    : role.name;
};
