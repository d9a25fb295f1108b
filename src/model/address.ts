// Addresses name resources across nodes: `node/kind.name`, never an index.

import type { ResourceKind } from './resource.ts';

export type NodeName = string;
export type Address = string;

/** The address of a resource, as shown, saved and typed by users. */
export const addressOf = (node: NodeName, kind: ResourceKind, name: string): Address =>
  `${node}/${kind}.${name}`;
