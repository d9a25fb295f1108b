// How desired resources are made, and how a part of the file reports what it asks for.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import type { Resource, ResourceOf, ResourceSpecs } from '../../model/state/resource.ts';
import type { ResourceKind } from '../../model/state/resource-kind.ts';

export interface Completed {
  readonly resources: readonly Resource[];
  readonly errors: readonly Diagnostic[];
}

/** A desired resource: owned, since the file asks steep to manage it. */
export const desiredResource = <K extends ResourceKind>(
  kind: K,
  node: NodeName,
  name: string,
  spec: ResourceSpecs[K],
  protect = false,
): ResourceOf<K> => ({
  kind,
  node,
  name,
  address: addressOf(node, kind, name),
  spec,
  owned: true,
  protect,
  observed: null,
});
