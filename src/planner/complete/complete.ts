// Fills the desired state from the live tables and versions: wildcards become lists, options get the
// server's defaults, and what follows from a block (slot, copies, ownership) becomes a resource.

import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import { metadataSchema, metadataVersion } from '../../model/state/metadata-version.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type {
  DesiredNode,
  DesiredState,
  DesiredSubscription,
  LiveState,
} from '../../model/state/state.ts';
import { awaitsInit } from '../facts/manual-init.ts';
import { completeOptions } from './complete-options.ts';
import { completePublication } from './complete-publication.ts';
import { type Completed, desiredResource } from './desired-resource.ts';
import { effectiveTables, type TableIndex } from './published-tables.ts';

export type TablesByNode = ReadonlyMap<NodeName, TableIndex>;

const noTables: TableIndex = new Map();

const completeNode = (node: DesiredNode): readonly Resource[] => [
  desiredResource('metadata', node.name, metadataSchema, { version: metadataVersion }),
  desiredResource('node', node.name, node.name, { priority: node.priority }),
];

/** The name of a copy: which subscription fills which table. */
export const copyName = (subscription: string, table: Parameters<typeof formatName>[0]): string =>
  `${quoteIdentifier(subscription)}:${formatName(table)}`;

/** The tables that the subscription will fill; a disabled one copies nothing, and REFRESH refuses it. */
export const copiesOf = (
  sub: Pick<DesiredSubscription, 'node' | 'name' | 'source' | 'publications' | 'enabled'>,
  publications: readonly ResourceOf<'publication'>[],
  tables: TablesByNode,
): readonly ResourceOf<'copy'>[] => {
  if (!sub.enabled) return [];
  const specs = publications
    .filter((pub) => pub.node === sub.source && sub.publications.includes(pub.name))
    .map((pub) => pub.spec);
  return effectiveTables(specs, tables.get(sub.source) ?? noTables).map(({ table }) =>
    desiredResource('copy', sub.node, copyName(sub.name, table), {
      subscription: sub.name,
      table,
      state: 'ready',
    }),
  );
};

const subscriptionOf = (
  sub: DesiredSubscription,
  options: Readonly<Record<string, string>>,
): ResourceOf<'subscription'> => {
  const { node, name, source, publications, slot, enabled, protect } = sub;
  const spec = { source, publications, slot, enabled, connection: 'current', options } as const;
  return desiredResource('subscription', node, name, spec, protect);
};

const completeSubscription = (
  sub: DesiredSubscription,
  publications: readonly ResourceOf<'publication'>[],
  live: LiveState,
  tables: TablesByNode,
): Completed => {
  const subscriber = live.nodes[sub.node];
  const publisher = live.nodes[sub.source];
  if (subscriber === undefined || publisher === undefined) return { resources: [], errors: [] };
  const { options, errors } = completeOptions(sub, subscriber.server, publisher.server);
  if (awaitsInit(sub, live)) return { resources: [], errors };
  const { database } = publisher.server;
  const slot = desiredResource('slot', sub.source, sub.slot, { plugin: 'pgoutput', database });
  const copies = copiesOf(sub, publications, tables);
  return { resources: [subscriptionOf(sub, options), slot, ...copies], errors };
};

/** A file declares what its subscriptions read. A command that asks for one of them alone reads what its publisher has. */
const otherPublications = (
  { subscriptions }: DesiredState,
  declared: readonly ResourceOf<'publication'>[],
  { nodes }: LiveState,
): readonly ResourceOf<'publication'>[] => {
  const known = new Set(declared.map(({ address }) => address));
  const read = new Set(
    subscriptions.flatMap(({ source, publications }) =>
      publications.map((name) => addressOf(source, 'publication', name)),
    ),
  );
  return Object.values(nodes)
    .flatMap(({ resources }) => resources)
    .filter((it) => it.kind === 'publication')
    .filter(({ address }) => read.has(address) && !known.has(address));
};

/** Every resource that the file asks for on nodes that could be read, and what blocks it. */
export const complete = (
  desired: DesiredState,
  live: LiveState,
  tables: TablesByNode,
): Completed => {
  const readable = (node: NodeName): boolean => live.nodes[node] !== undefined;
  const parts: Completed[] = desired.publications
    .filter((pub) => readable(pub.node))
    .map((pub) => completePublication(pub, live, tables.get(pub.node) ?? noTables));
  const declared = parts
    .flatMap((part) => part.resources)
    .filter((resource) => resource.kind === 'publication');
  const others = otherPublications(desired, declared, live);
  const publications = [...declared, ...others];
  parts.push({ resources: others, errors: [] });
  for (const sub of desired.subscriptions) {
    parts.push(completeSubscription(sub, publications, live, tables));
  }
  const nodes = desired.nodes.filter((node) => readable(node.name)).flatMap(completeNode);
  return {
    resources: [...nodes, ...parts.flatMap((part) => part.resources)],
    errors: parts.flatMap((part) => part.errors),
  };
};
