// A file whose shape is right, with its connections: what the checks of meaning look at.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { NodeName } from '../model/state/address.ts';
import type { PairEnd } from '../model/state/state.ts';
import type { NodeConnections } from './parse/read-connections.ts';
import type { Path, SourceDocument } from './parse/source-document.ts';
import type { Publication, SteepFile, Subscription } from './parse/steep-file.generated.ts';
import { directionName, directionsOf, pairsOf } from './resolve/pairs.ts';

export interface Topology {
  readonly document: SourceDocument;
  readonly file: SteepFile;
  readonly connections: ReadonlyMap<NodeName, NodeConnections>;
}

/** One subject of the language, looked at by itself. */
export type TopologyCheck = (topology: Topology) => readonly Diagnostic[];

export const publicationsOf = (file: SteepFile): readonly (readonly [string, Publication])[] =>
  Object.entries(file.publications ?? {});

export const subscriptionsOf = (file: SteepFile): readonly (readonly [string, Subscription])[] =>
  Object.entries(file.subscriptions ?? {});

/** A publication, and the block that asks for it: one of its own, or a pair. */
export interface PublishingBlock {
  readonly name: string;
  readonly publication: Publication;
  readonly path: Path;
}

export const publishingBlocksOf = (file: SteepFile): readonly PublishingBlock[] => [
  ...publicationsOf(file).map(([name, publication]) => ({
    name,
    publication,
    path: ['publications', name],
  })),
  ...pairsOf(file).flatMap(([pair, block]) =>
    directionsOf(pair, block).map(({ name, publication }) => ({
      name,
      publication,
      path: ['pairs', pair],
    })),
  ),
];

/** A subscription, and the block that asks for it: one of its own, or a pair. */
export interface EdgeBlock {
  readonly name: string;
  readonly subscription: Subscription;
  readonly path: Path;
  readonly pair: PairEnd | null;
}

export const edgeBlocksOf = (file: SteepFile): readonly EdgeBlock[] => [
  ...subscriptionsOf(file).map(([name, subscription]) => ({
    name,
    subscription,
    path: ['subscriptions', name],
    pair: null,
  })),
  ...pairsOf(file).flatMap(([pair, block]) =>
    directionsOf(pair, block).map(({ name, subscription, way }) => ({
      name,
      subscription,
      path: ['pairs', pair],
      pair: { name: pair, way, partner: directionName(pair, subscription.node) },
    })),
  ),
];
