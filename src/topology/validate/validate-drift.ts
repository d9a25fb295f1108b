// The rules of drift.ignore: a rule that could never silence anything would be believed all the same.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { managedKinds } from '../../model/state/applied.ts';
import { type AddressRule, fileAddress } from '../file-address.ts';
import type { Path } from '../parse/source-document.ts';
import type { DriftRule } from '../parse/steep-file.generated.ts';
import type { Topology, TopologyCheck } from '../topology.ts';
import { dayFaults } from './calendar-day.ts';

/** Addresses and dates of the rules. */
export const validateDrift: TopologyCheck = (topology) =>
  (topology.file.drift?.ignore ?? []).flatMap((rule, index) => {
    const path = ['drift', 'ignore', index];
    return [
      ...addressFaults(topology, path, rule),
      ...dayFaults(topology, [...path, 'until'], rule.until),
    ];
  });

/** In addition to managed objects: the schema of a node's metadata, and tables that edges send. */
const rule: AddressRule = {
  kinds: [...managedKinds, 'metadata', 'table'],
  wrongKind: 'is not a kind of object that can drift. `*` is for the name only.',
  example: '`steep drift` prints it: primary/publication.cdc_*',
};

const addressFaults = (
  topology: Topology,
  path: Path,
  { address }: DriftRule,
): readonly Diagnostic[] => fileAddress(topology, [...path, 'address'], address, rule).faults;
