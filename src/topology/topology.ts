// A file whose shape is right, with its connections: what the checks of meaning look at.

import type { NodeName } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { NodeConnections } from './read-connections.ts';
import type { SourceDocument } from './source-document.ts';
import type { Publication, SteepFile, Subscription } from './steep-file.generated.ts';

export interface Topology {
  readonly document: SourceDocument;
  readonly file: SteepFile;
  readonly connections: ReadonlyMap<NodeName, NodeConnections>;
}

/** One subject of the language, looked at by itself. */
export type Check = (topology: Topology) => readonly Diagnostic[];

export const publicationsOf = (file: SteepFile): readonly (readonly [string, Publication])[] =>
  Object.entries(file.publications ?? {});

export const subscriptionsOf = (file: SteepFile): readonly (readonly [string, Subscription])[] =>
  Object.entries(file.subscriptions ?? {});
