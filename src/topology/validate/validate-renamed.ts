// `renamed`: from an address that is no longer in steep.yaml to one that it defines, on the same node and of the same
// kind.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { AddressParts } from '../../model/state/address.ts';
import { managedKinds } from '../../model/state/applied.ts';
import { type AddressRule, fileAddress } from '../file-address.ts';
import { finding } from '../findings.ts';
import type { Path } from '../parse/source-document.ts';
import type { Renaming } from '../parse/steep-file.generated.ts';
import { declaredAddresses } from '../resolve/declared.ts';
import type { Topology, TopologyCheck } from '../topology.ts';
import { didYouMean } from './did-you-mean.ts';
import { repeatedNames } from './name-faults.ts';

/** Both ends of every entry, and that no name is used twice. */
export const validateRenamed: TopologyCheck = (topology) => {
  const entries = topology.file.renamed ?? [];
  const listed = (end: 'from' | 'to') =>
    entries.map((entry, index) => ({ name: `\`${entry[end]}\``, path: ['renamed', index, end] }));
  return [
    ...entries.flatMap((entry, index) => entryFaults(topology, ['renamed', index], entry)),
    ...repeatedNames(topology.document, '`renamed`', listed('from')),
    ...repeatedNames(topology.document, '`renamed`', listed('to')),
  ];
};

const rule: AddressRule = {
  kinds: managedKinds,
  wrongKind: 'is not a kind of object that steep renames.',
  example: '`steep plan` prints it: primary/publication.sales',
};

const entryFaults = (topology: Topology, path: Path, entry: Renaming): readonly Diagnostic[] => {
  const from = fileAddress(topology, [...path, 'from'], entry.from, rule);
  const to = fileAddress(topology, [...path, 'to'], entry.to, rule);
  if (from.parts === null || to.parts === null) return [...from.faults, ...to.faults];
  const { document } = topology;
  const fault = (end: 'from' | 'to', detail: string, cure: readonly string[]): Diagnostic =>
    finding('RENAME_INVALID', detail, document.valueAt([...path, end]), cure);
  const pair = pairFault(from.parts, to.parts);
  if (pair !== null) return [fault(pair.end, pair.detail, [pair.cure])];
  return [...fromFaults(topology, entry, fault), ...toFaults(topology, entry, fault)];
};

interface PairFault {
  readonly end: 'from' | 'to';
  readonly detail: string;
  readonly cure: string;
}

/** What no server could do, whatever the rest of the file says. */
const pairFault = (from: AddressParts, to: AddressParts): PairFault | null => {
  if (from.kind === 'slot') {
    const detail = 'PostgreSQL cannot rename a slot.';
    const cure = `Write \`slot: ${to.name}\` on its subscription: the plan creates the new slot and switches to it without a gap; the old slot can then be dropped.`;
    return { end: 'from', detail, cure };
  }
  if (from.node !== to.node) {
    const cure =
      'A rename cannot change the node: define a new object there, and remove the old one.';
    return { end: 'to', detail: `${from.name} is on node ${from.node}, not ${to.node}.`, cure };
  }
  if (from.kind !== to.kind) {
    const detail = `A ${from.kind} does not become a ${to.kind}.`;
    return { end: 'to', detail, cure: `Write ${to.node}/${from.kind}.${to.name}.` };
  }
  if (from.name !== to.name) return null;
  return { end: 'to', detail: 'Both names are the same.', cure: 'Remove the entry.' };
};

type MakeFault = (end: 'from' | 'to', detail: string, cure: readonly string[]) => Diagnostic;

const fromFaults = (
  { document, file }: Topology,
  { from }: Renaming,
  fault: MakeFault,
): readonly Diagnostic[] => {
  const block = declaredAddresses(file).get(from);
  const removed = (file.removed ?? []).findIndex(({ address }) => address === from);
  if (block === undefined && removed === -1) return [];
  const place = document.keyAt(block ?? ['removed', removed]);
  const what = block === undefined ? 'removes it' : 'still declares it';
  const detail = `\`${from}\` gets a new name here, and ${place.file}:${place.line} ${what}.`;
  return [fault('from', detail, ['Remove one of the two.'])];
};

/** Names may change more than once: the next entry takes over where this one ends. */
const toFaults = (
  { file }: Topology,
  { from, to }: Renaming,
  fault: MakeFault,
): readonly Diagnostic[] => {
  const declared = declaredAddresses(file);
  const next = new Map((file.renamed ?? []).map((entry) => [entry.from, entry.to]));
  const passed = new Set([from]);
  let end = to;
  for (let after = next.get(end); after !== undefined; after = next.get(end)) {
    if (passed.has(end)) return [fault('to', `The renames form a cycle at \`${end}\`.`, [])];
    passed.add(end);
    end = after;
  }
  if (declared.has(end)) return [];
  const kind = to.slice(0, to.indexOf('.'));
  const alike = [...declared.keys()].filter((address) => address.startsWith(`${kind}.`));
  return [fault('to', `The file does not define \`${end}\`.`, didYouMean(end, alike))];
};
