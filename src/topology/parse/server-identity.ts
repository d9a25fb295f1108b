// Which server and database a node is, as far as its connection says so. The plan knows better:
// it compares system identifiers.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Topology } from '../topology.ts';

/** A text that is equal for two nodes of one server; the node's name where nothing is known. */
export const clusterOf = ({ connections }: Topology, node: NodeName): string =>
  serverOf(connections.get(node)?.own ?? null) ?? `node ${node}`;

/** Whether two nodes are one database under two names. */
export const isSameDatabase = (topology: Topology, a: NodeName, b: NodeName): boolean => {
  const database = (node: NodeName): string | undefined =>
    topology.connections.get(node)?.own?.get('dbname');
  return (
    clusterOf(topology, a) === clusterOf(topology, b) &&
    database(a) !== undefined &&
    database(a) === database(b)
  );
};

/** Null where a service file, or nothing, says which server it is. */
const serverOf = (conninfo: Conninfo | null): string | null => {
  const host = conninfo?.get('hostaddr') ?? conninfo?.get('host');
  return host === undefined ? null : `${host}:${conninfo?.get('port') ?? '5432'}`;
};
