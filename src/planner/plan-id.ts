// Fingerprints: SHA-256 over canonical JSON (RFC 8785).

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Resource, ResourceKind } from '../model/resource.ts';

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
      .map(({ address, spec, protect }) => ({ address, spec, protect })),
  );
