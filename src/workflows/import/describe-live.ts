// Live servers → the topology that describes them, and what it cannot or should not describe. Pure.
// Whatever is left out stays on the servers as it is: what is not in the file is never touched.

import type { Address } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { isKind } from '../../planner/context/context.ts';
import type {
  WrittenNode,
  WrittenSubscription,
  WrittenTopology,
} from '../../topology/written-topology.ts';
import { type ReplicationWay, replicationWay } from '../plan/describe-connections.ts';
import type { Introspection, NamedNode } from '../plan/introspect-nodes.ts';
import { type LeftOut, leftOutText } from '../plan/left-out.ts';
import { chooseDeclarable } from './choose-declarable.ts';
import type { DescribedEdge } from './describe-edges.ts';
import { describePublication } from './describe-publications.ts';

export interface Description {
  readonly topology: WrittenTopology;
  readonly leftOut: readonly LeftOut[];
  /** Every variable that the file names, with its value: secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** `refused`: what an earlier description had, and a plan of it would have changed or refused. */
export const describeLive = (
  introspection: Introspection,
  refused: ReadonlyMap<Address, LeftOut>,
): Description => {
  const { edges, publications, leftOut } = chooseDeclarable(introspection, refused);
  const ways = new Map(
    introspection.nodes.map(({ name, conninfo }) => [name, replicationWay(name, conninfo, edges)]),
  );
  const environment = Object.assign(
    {},
    ...introspection.nodes.map(({ variable, conninfo }) => ({ [variable]: conninfo.text })),
    ...[...ways.values()].map((way) => way.environment),
  ) as Record<string, string>;
  return {
    topology: {
      opening: [
        `Written by steep import. Variables to set: ${Object.keys(environment).join(', ')}.`,
      ],
      nodes: introspection.nodes.map((node) =>
        describeNode(node, introspection.live, ways.get(node.name) ?? null),
      ),
      publications: publications.flatMap((publication) => {
        const state = introspection.live.nodes[publication.node];
        return state === undefined ? [] : [describePublication(publication, state)];
      }),
      subscriptions: edges.map((edge) => describeSubscription(edge, introspection.live)),
      closing: closingOf(leftOut),
    },
    leftOut,
    environment,
  };
};

const describeNode = (
  { name, variable, metadataDatabase }: NamedNode,
  live: LiveState,
  way: ReplicationWay | null,
): WrittenNode => {
  const state = live.nodes[name];
  const [registered] = state === undefined ? [] : state.resources.filter(isKind('node'));
  const secrets = Object.keys(way?.environment ?? {});
  const comments = [
    ...(metadataDatabase === null
      ? []
      : ['This database publishes every table, so steep_repl is in another one.']),
    ...(secrets.length === 0
      ? []
      : [`Set ${secrets.join(', ')} to the values that its subscribers use.`]),
  ];
  return {
    name,
    variable,
    replication: way?.keywords ?? null,
    priority: registered?.spec.priority ?? 50,
    metadataDatabase,
    comment: comments.length === 0 ? null : comments.join(' '),
  };
};

const describeSubscription = (
  { subscription, source, slot, foundBy }: DescribedEdge,
  live: LiveState,
): WrittenSubscription => {
  const { node, name, spec, protect } = subscription;
  const facts = live.nodes[node]?.server.features.subscriptionOptions ?? [];
  const differs = ([option, value]: readonly [string, string]): boolean =>
    facts.find((fact) => fact.name === option)?.default !== value;
  return {
    node,
    name,
    source,
    publications: spec.publications,
    slot,
    enabled: spec.enabled,
    options: Object.fromEntries(Object.entries(spec.options).filter(differs)),
    init: 'parallel',
    protect,
    comment: foundBy === 'slot' ? `Its source was found by its slot, ${slot}: check it.` : null,
  };
};

const closingOf = (leftOut: readonly LeftOut[]): readonly string[] =>
  leftOut.length === 0
    ? []
    : [
        'Left out of this file, and never changed by steep as long as it is:',
        ...leftOut.map(leftOutText),
      ];
