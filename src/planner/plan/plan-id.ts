// Fingerprints: SHA-256 over canonical JSON (RFC 8785).

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Resource } from '../../model/state/resource.ts';
import type { ResourceKind } from '../../model/state/resource-kind.ts';

/** SHA-256 of a value's canonical JSON: `sha256:…`. */
export const fingerprint = (value: unknown): string =>
  `sha256:${createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex')}`;

/** Kinds that make up a topology; copies and identities come and go with the tables. */
const topologyKinds: ReadonlySet<ResourceKind> = new Set([
  'metadata',
  'node',
  'publication',
  'slot',
  'subscription',
]);

/** What steep manages on one node, as it was read. */
export const topologyFingerprint = (resources: readonly Resource[]): string =>
  fingerprint(
    resources
      .filter(({ kind, owned }) => owned && topologyKinds.has(kind))
      .map((resource) => ({
        address: resource.address,
        spec: specOf(resource),
        protect: resource.protect,
      })),
  );

/** A connection that may not be read is taken as it should be, here as in the plan: the id is not of who plans. */
const specOf = (resource: Resource): Resource['spec'] =>
  resource.kind === 'subscription' && resource.spec.connection === 'unknown'
    ? { ...resource.spec, connection: 'current' }
    : resource.spec;
