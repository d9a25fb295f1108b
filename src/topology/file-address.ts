// Addresses that are in the file: `node/kind.name`, as steep prints them.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { AddressKind, AddressParts } from '../model/state/address.ts';
import { finding } from './findings.ts';
import type { Path } from './parse/source-document.ts';
import type { Topology } from './topology.ts';
import { didYouMean } from './validate/did-you-mean.ts';

/** What may are at a place, and how to say that something else does. */
export interface AddressRule {
  readonly kinds: readonly AddressKind[];
  /** Of a kind that is not one of them. */
  readonly wrongKind: string;
  readonly example: string;
}

export type FileAddress =
  | { readonly parts: AddressParts; readonly faults: readonly [] }
  | { readonly parts: null; readonly faults: readonly Diagnostic[] };

/** The parts of the address at `path`, or what is wrong with it. */
export const fileAddress = (
  { document, file }: Topology,
  path: Path,
  address: string,
  rule: AddressRule,
): FileAddress => {
  const place = document.valueAt(path);
  const fault = (...[code, detail, cure]: Fault): FileAddress => ({
    parts: null,
    faults: [finding(code, detail, place, cure)],
  });
  const match = /^([^/]+)\/([^.]+)\.(.+)$/s.exec(address);
  if (match === null) {
    const cure = `Write node/kind.name, as ${rule.example}`;
    return fault('INVALID_VALUE', `\`${address}\` is not an address.`, [cure]);
  }
  const [, node = '', written = '', name = ''] = match;
  if (!Object.hasOwn(file.nodes, node)) {
    const cure = didYouMean(node, Object.keys(file.nodes));
    return fault('UNKNOWN_NODE', `There is no node \`${node}\`.`, cure);
  }
  const kind = rule.kinds.find((known) => known === written);
  if (kind !== undefined) return { parts: { node, kind, name }, faults: [] };
  return fault(
    'INVALID_VALUE',
    `\`${written}\` ${rule.wrongKind}`,
    didYouMean(written, rule.kinds),
  );
};

type Fault = readonly [
  code: 'INVALID_VALUE' | 'UNKNOWN_NODE',
  detail: string,
  cure: readonly string[],
];
