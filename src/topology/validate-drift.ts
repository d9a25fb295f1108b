// The rules of drift.ignore: a rule that could never silence anything would be believed all the same.

import { managedKinds } from '../model/applied.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { didYouMean } from './did-you-mean.ts';
import { finding } from './findings.ts';
import type { Path } from './source-document.ts';
import type { DriftRule } from './steep-file.generated.ts';
import type { Check, Topology } from './topology.ts';

/** Addresses and dates of the rules. */
export const validateDrift: Check = (topology) =>
  (topology.file.drift?.ignore ?? []).flatMap((rule, index) => {
    const path = ['drift', 'ignore', index];
    return [...addressFaults(topology, path, rule), ...dateFaults(topology, path, rule)];
  });

/** The schema of a node's metadata is the one address that is no managed object. */
const kinds: readonly string[] = [...managedKinds, 'metadata'];

const addressFaults = (
  { document, file }: Topology,
  path: Path,
  { address }: DriftRule,
): readonly Diagnostic[] => {
  const place = document.valueAt([...path, 'address']);
  const match = /^([^/]+)\/([^.]+)\.(.+)$/s.exec(address);
  if (match === null) {
    const detail = `\`${address}\` is not an address.`;
    const cure = 'Write node/kind.name, as `steep drift` prints it: primary/publication.cdc_*';
    return [finding('INVALID_VALUE', detail, place, [cure])];
  }
  const [, node = '', kind = ''] = match;
  if (!Object.hasOwn(file.nodes, node)) {
    const cure = didYouMean(node, Object.keys(file.nodes));
    return [finding('UNKNOWN_NODE', `There is no node \`${node}\`.`, place, cure)];
  }
  if (kinds.includes(kind)) return [];
  const detail = `\`${kind}\` is not a kind of object that can drift. \`*\` is for the name only.`;
  return [finding('INVALID_VALUE', detail, place, didYouMean(kind, kinds))];
};

const dateFaults = (
  { document }: Topology,
  path: Path,
  { until }: DriftRule,
): readonly Diagnostic[] => {
  if (until === undefined || isDay(until)) return [];
  const place = document.valueAt([...path, 'until']);
  const detail = `\`${until}\` is not a day.`;
  return [finding('INVALID_VALUE', detail, place, ['Write it as YYYY-MM-DD: 2027-01-31'])];
};

/** A day that the calendar has: 2027-02-30 would be read as one of March. */
const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};
