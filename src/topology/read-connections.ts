// All connections of a file: each node's own, and the one that the other nodes use.

import type { NodeName } from '../model/address.ts';
import type { Conninfo } from '../model/conninfo.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { readConnection } from './connection.ts';
import type { Variables } from './environment.ts';
import type { SourceDocument } from './source-document.ts';
import type { SteepFile } from './steep-file.generated.ts';

/** Null where a connection cannot be known. */
export interface NodeConnections {
  readonly own: Conninfo | null;
  readonly replication: Conninfo | null;
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
    const own = readConnection(document, ['nodes', name, 'connection'], node.connection, variables);
    const replication =
      node.replication_connection === undefined
        ? { conninfo: own.conninfo, diagnostics: [] }
        : readConnection(
            document,
            ['nodes', name, 'replication_connection'],
            node.replication_connection,
            variables,
          );
    return { name, own, replication };
  });
  return {
    nodes: new Map(
      readings.map(({ name, own, replication }) => [
        name,
        { own: own.conninfo, replication: replication.conninfo },
      ]),
    ),
    diagnostics: readings.flatMap(({ own, replication }) => [
      ...own.diagnostics,
      ...replication.diagnostics,
    ]),
  };
};
