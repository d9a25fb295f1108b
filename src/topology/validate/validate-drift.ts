// The rules of drift.ignore: a rule that could never silence anything would be believed all the same.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { managedKinds } from '../../model/state/applied.ts';
import { type AddressRule, fileAddress } from '../file-address.ts';
import { finding } from '../findings.ts';
import type { Path } from '../parse/source-document.ts';
import type { DriftRule } from '../parse/steep-file.generated.ts';
import type { Topology, TopologyCheck } from '../topology.ts';

/** Addresses and dates of the rules. */
export const validateDrift: TopologyCheck = (topology) =>
  (topology.file.drift?.ignore ?? []).flatMap((rule, index) => {
    const path = ['drift', 'ignore', index];
    return [...addressFaults(topology, path, rule), ...dateFaults(topology, path, rule)];
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

const dateFaults = (
  { document }: Topology,
  path: Path,
  { until }: DriftRule,
): readonly Diagnostic[] => {
  if (until === undefined || isDay(until)) return [];
  const place = document.valueAt([...path, 'until']);
  const detail = `\`${until}\` is not a date.`;
  return [finding('INVALID_VALUE', detail, place, ['Write it as YYYY-MM-DD: 2027-01-31'])];
};

/** A day that the calendar has: 2027-02-30 would be read as one of March. */
const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};
