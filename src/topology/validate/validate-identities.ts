// Replica identities. They belong to the table, so all publications of a node must agree.

import { finding } from '../findings.ts';
import type { PublishedTable } from '../parse/steep-file.generated.ts';
import { formatSelector, tableEntries } from '../resolve/table-entries.ts';
import { parseIdentifier } from '../resolve/table-name.ts';
import { publishingBlocksOf, type TopologyCheck } from '../topology.ts';

/** Tables that two publications give different replica identities. */
export const validateIdentities: TopologyCheck = ({ document, file }) => {
  const wanted = publishingBlocksOf(file).flatMap(({ name, publication, path: block }) =>
    tableEntries(block, publication).flatMap(({ selector, path, settings }) =>
      selector.ok && settings?.replica_identity !== undefined
        ? [
            {
              publication: name,
              node: publication.node,
              table: formatSelector(selector.value),
              identity: describe(settings.replica_identity),
              path: [...path, 'replica_identity'],
            },
          ]
        : [],
    ),
  );
  return wanted.flatMap((entry, index) => {
    const first = wanted.findIndex(
      ({ node, table }) => node === entry.node && table === entry.table,
    );
    const other = wanted[first];
    if (other === undefined || first === index || other.identity === entry.identity) return [];
    return [
      finding(
        'IDENTITY_CONFLICT',
        `Table ${entry.table} of node ${entry.node} has ${entry.identity} here but ${other.identity} in publication ${other.publication}.`,
        document.valueAt(entry.path),
        ['A table has one replica identity: choose one.'],
      ),
    ];
  });
};

const describe = (identity: NonNullable<PublishedTable['replica_identity']>): string => {
  if (typeof identity === 'string') return `identity ${identity}`;
  const index = parseIdentifier(identity.index);
  return `identity by index ${index.ok ? index.value : identity.index}`;
};
