// Pairs by themselves: their nodes, the names that they need, and that nothing of them passes changes on.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { isSameDatabase } from '../parse/server-identity.ts';
import { formatPath } from '../parse/source-document.ts';
import type { Pair } from '../parse/steep-file.generated.ts';
import { directionsOf, pairsOf } from '../resolve/pairs.ts';
import {
  edgeBlocksOf,
  publishingBlocksOf,
  type Topology,
  type TopologyCheck,
} from '../topology.ts';
import { tooLongName } from './name-faults.ts';
import { unknownNode } from './unknown-node.ts';
import { repeatedOperations } from './validate-publications.ts';

/** Pairs as wholes; what their tables mean has a check of its own. */
export const validatePairs: TopologyCheck = (topology) =>
  pairsOf(topology.file).flatMap(([name, pair]) => [
    ...pair.nodes.flatMap((node, index) =>
      unknownNode(topology, ['pairs', name, 'nodes', index], node),
    ),
    ...sameNode(topology, name, pair),
    ...listsNothing(topology, name, pair),
    ...repeatedOperations(topology, ['pairs', name], pair),
    ...passesOn(topology, name, pair),
    ...nameFaults(topology, name, pair),
  ]);

const sameNode = (topology: Topology, name: string, { nodes }: Pair): readonly Diagnostic[] => {
  const [first = '', second = ''] = nodes;
  const same = first === second;
  if (!same && !isSameDatabase(topology, first, second)) return [];
  const detail = same
    ? `${name}: node ${first} would be paired with itself.`
    : `${name}: nodes ${first} and ${second} are the same database.`;
  const place = topology.document.valueAt(['pairs', name, 'nodes', 1]);
  return [finding('SAME_NODE', detail, place, ['Name two databases.'])];
};

const listsNothing = (
  { document }: Topology,
  name: string,
  { tables }: Pair,
): readonly Diagnostic[] =>
  tables.length > 0
    ? []
    : [
        finding(
          'EMPTY_PUBLICATION',
          `Pair ${name} lists no table.`,
          document.keyAt(['pairs', name, 'tables']),
          ['Name its tables, or write `tables: "*"`.'],
        ),
      ];

/** What the defaults say of origin is for other subscriptions; here it would be a contradiction. */
const passesOn = (
  { document }: Topology,
  name: string,
  { options }: Pair,
): readonly Diagnostic[] => {
  if (options?.origin === undefined || options.origin === 'none') return [];
  const place = document.valueAt(['pairs', name, 'options', 'origin']);
  const detail = `${name}: with \`origin: ${options.origin}\` both nodes would send back what they receive.`;
  return [finding('LOOP', detail, place, ['Remove it: the subscriptions of a pair have `none`.'])];
};

/** The names of both directions: their length, and that no other block has them. */
const nameFaults = (topology: Topology, name: string, pair: Pair): readonly Diagnostic[] => {
  const { document, file } = topology;
  const path = ['pairs', name];
  const place = document.keyAt(path);
  return directionsOf(name, pair).flatMap((direction) => {
    const long = tooLongName(
      'A name that a pair derives from its own name,',
      direction.name,
      place,
    );
    if (long.length > 0) return long;
    const taken = [...publishingBlocksOf(file), ...edgeBlocksOf(file)].find(
      (other) => other.name === direction.name && other.path.join('.') !== path.join('.'),
    );
    if (taken === undefined) return [];
    const detail = `Pair ${name} needs the name ${direction.name}, which \`${formatPath(taken.path)}\` has.`;
    return [finding('NAME_TAKEN', detail, place, ['Rename one of the two.'])];
  });
};
