// Publications by themselves: their node, and what they publish.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import type { Path } from '../parse/source-document.ts';
import type { Publication, Publish } from '../parse/steep-file.generated.ts';
import { publicationsOf, type Topology, type TopologyCheck } from '../topology.ts';
import { identifierFaults, listedNames, repeatedNames, tooLongName } from './name-faults.ts';
import { unknownNode } from './unknown-node.ts';

/** Publications as wholes; their tables have a check of their own. */
export const validatePublications: TopologyCheck = (topology) =>
  publicationsOf(topology.file).flatMap(([name, publication]) => [
    ...tooLongName('Publication', name, topology.document.keyAt(['publications', name])),
    ...unknownNode(topology, ['publications', name, 'node'], publication.node),
    ...publishesNothing(topology, name, publication),
    ...schemaFaults(topology, name, publication),
    ...repeatedOperations(topology, ['publications', name], publication),
  ]);

const publishesNothing = (
  { document }: Topology,
  name: string,
  { tables = [], schemas = [] }: Publication,
): readonly Diagnostic[] =>
  tables.length > 0 || schemas.length > 0
    ? []
    : [
        finding(
          'EMPTY_PUBLICATION',
          `Publication ${name} has neither tables nor schemas.`,
          document.keyAt(['publications', name]),
          ['Name its `tables` or `schemas`, or remove the publication.'],
        ),
      ];

const schemaFaults = (
  { document }: Topology,
  name: string,
  { schemas = [] }: Publication,
): readonly Diagnostic[] => {
  const path = ['publications', name, 'schemas'];
  return [
    ...schemas.flatMap((schema, index) =>
      identifierFaults(document, [...path, index], 'Schema', schema),
    ),
    ...repeatedNames(document, `\`schemas\` of ${name}`, listedNames(path, schemas)),
  ];
};

/** What `publish` of a publication or a pair names twice. */
export const repeatedOperations = (
  { document }: Topology,
  block: Path,
  { publish = [] }: { readonly publish?: Publish },
): readonly Diagnostic[] => {
  const path = [...block, 'publish'];
  return repeatedNames(document, `\`publish\` of ${block[1]}`, listedNames(path, publish));
};
