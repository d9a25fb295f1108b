// All connections of a file: each node's own, and the one that the other nodes use.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { NodeName } from '../../model/state/address.ts';
import { holdsSecret, readConnection } from './connection.ts';
import { passwordVariableKey } from './connection-keywords.ts';
import type { Variables } from './environment.ts';
import type { SourceDocument } from './source-document.ts';
import type { SteepFile } from './steep-file.generated.ts';

/** Null where a connection cannot be known. */
export interface NodeConnections {
  readonly own: Conninfo | null;
  readonly replication: Conninfo | null;
  /** What the other nodes use holds a password, whether or not it is known. */
  readonly secretInReplication: boolean;
}

export interface ConnectionsReading {
  readonly nodes: ReadonlyMap<NodeName, NodeConnections>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the connections of every node. */
export const readConnections = (
  document: SourceDocument,
  file: SteepFile,
  variables: Variables,
): ConnectionsReading => {
  const readings = Object.entries(file.nodes).map(([name, node]) => {
    const own = readConnection(document, ['nodes', name, 'connection'], node.connection, {
      ...variables,
      withoutPasswords: false,
    });
    const replication =
      node.replication_connection === undefined
        ? { conninfo: own.conninfo, diagnostics: [] }
        : readConnection(
            document,
            ['nodes', name, 'replication_connection'],
            node.replication_connection,
            variables,
          );
    const used = node.replication_connection ?? node.connection;
    const namesPassword = typeof used !== 'string' && used[passwordVariableKey] !== undefined;
    const secretInReplication = namesPassword || holdsSecret(replication.conninfo);
    return { name, own, replication, secretInReplication };
  });
  return {
    nodes: new Map(
      readings.map(({ name, own, replication, secretInReplication }) => [
        name,
        { own: own.conninfo, replication: replication.conninfo, secretInReplication },
      ]),
    ),
    diagnostics: readings.flatMap(({ own, replication }) => [
      ...own.diagnostics,
      ...replication.diagnostics,
    ]),
  };
};
