// policy.allow_hazards: an entry that can never accept anything would be believed all the same.

import { hazardCatalogue } from '../../model/catalogue/hazard-catalogue.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import type { Path } from '../parse/source-document.ts';
import type { Topology, TopologyCheck } from '../topology.ts';
import { dayFaults } from './calendar-day.ts';
import { didYouMean } from './did-you-mean.ts';

/** Codes, nodes of addresses, and dates of the hazards that are accepted. */
export const validatePolicy: TopologyCheck = (topology) =>
  (topology.file.policy?.allow_hazards ?? []).flatMap((entry, index) => {
    const path = ['policy', 'allow_hazards', index];
    return typeof entry === 'string'
      ? hazardFaults(topology, path, entry)
      : [
          ...hazardFaults(topology, [...path, 'hazard'], entry.hazard),
          ...dayFaults(topology, [...path, 'until'], entry.until),
        ];
  });

const hazardFaults = (
  { document, file }: Topology,
  path: Path,
  hazard: string,
): readonly Diagnostic[] => {
  const [, code = '', node] = /^([^=]+)(?:=([^/]+))?/.exec(hazard) ?? [];
  const place = document.valueAt(path);
  const fault = (...[id, detail, word, known]: Fault): Diagnostic =>
    finding(id, detail, place, didYouMean(word, known));
  return [
    ...(Object.hasOwn(hazardCatalogue, code)
      ? []
      : [
          fault(
            'INVALID_VALUE',
            `\`${code}\` is not the code of a hazard.`,
            code,
            Object.keys(hazardCatalogue),
          ),
        ]),
    ...(node === undefined || Object.hasOwn(file.nodes, node)
      ? []
      : [fault('UNKNOWN_NODE', `There is no node \`${node}\`.`, node, Object.keys(file.nodes))]),
  ];
};

type Fault = readonly [
  id: 'INVALID_VALUE' | 'UNKNOWN_NODE',
  detail: string,
  word: string,
  known: readonly string[],
];
