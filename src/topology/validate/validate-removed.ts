// `removed`: an entry that could not do what it says is refused, since it would be believed all the same.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { managedKinds } from '../../model/state/applied.ts';
import { type AddressRule, fileAddress } from '../file-address.ts';
import { finding } from '../findings.ts';
import type { Path } from '../parse/source-document.ts';
import type { Removal } from '../parse/steep-file.generated.ts';
import { declaredAddresses } from '../resolve/declared.ts';
import type { Topology, TopologyCheck } from '../topology.ts';
import { repeatedNames } from './name-faults.ts';

/** Addresses and actions of the entries. */
export const validateRemoved: TopologyCheck = (topology) => {
  const entries = topology.file.removed ?? [];
  const listed = entries.map(({ address }, index) => ({
    name: `\`${address}\``,
    path: ['removed', index, 'address'],
  }));
  return [
    ...entries.flatMap((entry, index) => entryFaults(topology, ['removed', index], entry)),
    ...repeatedNames(topology.document, '`removed`', listed),
  ];
};

const rule: AddressRule = {
  kinds: managedKinds,
  wrongKind: 'is not a kind of object that steep drops.',
  example: '`steep plan` prints it: reporting/subscription.old_feed',
};

const entryFaults = (topology: Topology, path: Path, entry: Removal): readonly Diagnostic[] => {
  const { parts, faults } = fileAddress(topology, [...path, 'address'], entry.address, rule);
  if (parts === null) return faults;
  return [
    ...stillDeclared(topology, path, entry),
    ...(entry.action === 'detach' && parts.kind !== 'subscription'
      ? [notDetachable(topology, path, parts.kind)]
      : []),
  ];
};

const stillDeclared = (
  { document, file }: Topology,
  path: Path,
  { address }: Removal,
): readonly Diagnostic[] => {
  const block = declaredAddresses(file).get(address);
  if (block === undefined) return [];
  const place = document.keyAt(block);
  const detail = `\`${address}\` is removed here, but ${block[1]} in ${place.file}:${place.line} declares it.`;
  const cure = 'Remove the entry or the block.';
  return [finding('STILL_DECLARED', detail, document.valueAt([...path, 'address']), [cure])];
};

const notDetachable = ({ document }: Topology, path: Path, kind: string): Diagnostic =>
  finding(
    'INVALID_VALUE',
    `A ${kind} has no slot to be detached from: \`detach\` is for subscriptions.`,
    document.valueAt([...path, 'action']),
    ['Use `drop`, or `keep` to stop managing it without dropping it.'],
  );
