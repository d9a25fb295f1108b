// Which roles a script of grants is about: steep's own, and the one that other nodes connect as.

import type { NodeFacts } from '../../model/doctor-facts.ts';

/** Names for roles in the place of superusers, and of users that the file does not name. */
export const proposedRoles = { steep: 'steep', replication: 'steep_replication' } as const;

/** The role that steep connects as, or should. */
export const steepRole = ({ state }: NodeFacts): string =>
  state.server.role.superuser ? proposedRoles.steep : state.server.role.name;

/** The role of replication_connection, or what it should be. */
export const replicationRole = (node: NodeFacts): string => {
  const { role, sameAsOwn } = node.replication;
  if (sameAsOwn) return steepRole(node);
  return role === null || role.attributes?.superuser === true
    ? proposedRoles.replication
    : role.name;
};
