// Compares desired with live resources, field by field. Knows addresses and fields, never a kind:
// what a difference means is decided by the rules.

import canonicalize from 'canonicalize';
import { compareText } from '../model/identifier.ts';
import type { Delta } from '../model/plan/delta.ts';
import type { Address } from '../model/state/address.ts';
import type { Resource } from '../model/state/resource.ts';

/** What is compared of a resource: its spec, and who owns it. */
const comparable = (resource: Resource): Readonly<Record<string, unknown>> => ({
  ...resource.spec,
  owned: resource.owned,
  protect: resource.protect,
});

const differingFields = (live: Resource, desired: Resource): readonly string[] => {
  const before = comparable(live);
  const after = comparable(desired);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => canonicalize(before[field]) !== canonicalize(after[field]))
    .sort(compareText);
};

const addressOfDelta = (delta: Delta): Address =>
  delta.verb === 'remove' ? delta.live.address : delta.desired.address;

/**
 * All differences, ordered by address. Live resources that are not desired and that steep does not own are not
 * differences: unmanaged objects are never touched.
 */
export const diff = (desired: readonly Resource[], live: readonly Resource[]): readonly Delta[] => {
  const liveAt = new Map(live.map((resource) => [resource.address, resource]));
  const wanted = new Set(desired.map((resource) => resource.address));

  const deltas: Delta[] = [];
  for (const resource of desired) {
    const found = liveAt.get(resource.address);
    if (found === undefined) {
      deltas.push({ verb: 'add', desired: resource });
      continue;
    }
    const fields = differingFields(found, resource);
    if (fields.length > 0) deltas.push({ verb: 'change', live: found, desired: resource, fields });
  }
  for (const resource of live) {
    if (resource.owned && !wanted.has(resource.address)) {
      deltas.push({ verb: 'remove', live: resource });
    }
  }
  return deltas.sort((a, b) => compareText(addressOfDelta(a), addressOfDelta(b)));
};
