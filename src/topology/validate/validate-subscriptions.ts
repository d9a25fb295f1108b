// Subscriptions and what they refer to: nodes and publications.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import type { Subscription } from '../parse/steep-file.generated.ts';
import { publicationsOf, subscriptionsOf, type Topology, type TopologyCheck } from '../topology.ts';
import { didYouMean } from './did-you-mean.ts';
import { repeatedNames, tooLongName } from './name-faults.ts';
import { unknownNode } from './unknown-node.ts';

/** Each subscription by itself. */
export const validateSubscriptions: TopologyCheck = (topology) =>
  subscriptionsOf(topology.file).flatMap(([name, subscription]) => {
    const path = ['subscriptions', name];
    const listed = subscription.publications.map((publication, index) => ({
      name: publication,
      path: [...path, 'publications', index],
    }));
    return [
      ...tooLongName('Subscription', name, topology.document.keyAt(path)),
      ...unknownNode(topology, [...path, 'node'], subscription.node),
      ...unknownNode(topology, [...path, 'source'], subscription.source),
      ...listed.flatMap((_, index) => publicationFaults(topology, name, subscription, index)),
      ...repeatedNames(topology.document, `\`publications\` of ${name}`, listed),
    ];
  });

const publicationFaults = (
  { document, file }: Topology,
  name: string,
  { source, publications }: Subscription,
  index: number,
): readonly Diagnostic[] => {
  const wanted = publications[index] ?? '';
  const place = document.valueAt(['subscriptions', name, 'publications', index]);
  const [, publication] = publicationsOf(file).find(([defined]) => defined === wanted) ?? [];
  if (publication === undefined) {
    const detail = `${name}: there is no publication \`${wanted}\`.`;
    const known = publicationsOf(file).map(([defined]) => defined);
    return [finding('UNKNOWN_PUBLICATION', detail, place, didYouMean(wanted, known))];
  }
  // A node that does not exist is a fault of its own, which makes this one moot.
  const bothExist =
    Object.hasOwn(file.nodes, source) && Object.hasOwn(file.nodes, publication.node);
  if (publication.node === source || !bothExist) return [];
  const here = publicationsOf(file)
    .filter(([, { node }]) => node === source)
    .map(([defined]) => defined);
  const detail = `${name} reads from node ${source}, but publication ${wanted} is on node ${publication.node}.`;
  return [finding('PUBLICATION_NOT_ON_SOURCE', detail, place, onSource(source, here))];
};

const onSource = (source: string, publications: readonly string[]): readonly string[] => [
  publications.length === 0
    ? `Node ${source} has no publications.`
    : `Publications of node ${source}: ${publications.join(', ')}.`,
];

/** A row that arrives twice at one table is a duplicate key, or a duplicate row. */
export const validateArrivals: TopologyCheck = ({ document, file }) => {
  const arrivals = subscriptionsOf(file).flatMap(([name, { node, publications }]) =>
    publications.map((publication, index) => ({ name, node, publication, index })),
  );
  return arrivals.flatMap(({ name, node, publication, index }) => {
    const first = arrivals.find(
      (other) => other.node === node && other.publication === publication,
    );
    if (first === undefined || first.name === name) return [];
    return [
      finding(
        'SUBSCRIBED_TWICE',
        `Node ${node} already receives publication ${publication} through ${first.name}: each row arrives twice.`,
        document.valueAt(['subscriptions', name, 'publications', index]),
        [`Remove it from ${name} or from ${first.name}.`],
      ),
    ];
  });
};
