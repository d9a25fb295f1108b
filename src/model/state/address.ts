// Addresses name resources across nodes: `node/kind.name`, never an index.

import type { SchemaObjectKind } from '../schema/schema-change.ts';
import type { ResourceKind } from './resource-kind.ts';

export type NodeName = string;
export type Address = string;

/** What has an address: resources, replication origins of no subscription, and the schema objects that a plan changes. */
export type AddressKind = ResourceKind | SchemaObjectKind | 'origin';

/** The address of a resource, as shown, saved and typed by users. */
export const addressOf = (node: NodeName, kind: AddressKind, name: string): Address =>
  `${node}/${kind}.${name}`;

/** What takes in this address alone, where a pattern is expected: names of tables are chosen by their owners. */
export const patternOf = (address: Address): string => address.replaceAll('*', '\\*');

export interface AddressParts {
  readonly node: NodeName;
  readonly kind: AddressKind;
  readonly name: string;
}

/** The parts of an address that addressOf made: node names hold no slash, kinds no dot. */
export const parseAddress = (address: Address): AddressParts => {
  const slash = address.indexOf('/');
  const dot = address.indexOf('.', slash);
  return {
    node: address.slice(0, slash),
    kind: address.slice(slash + 1, dot) as AddressKind,
    name: address.slice(dot + 1),
  };
};
