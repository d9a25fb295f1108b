// Row filters that the publisher cannot parse: CREATE PUBLICATION would fail.

import { formatName } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

/** One for each publication with such a filter. */
export const filterFaultHazards = ({ live, desired }: PlanContext): readonly FoundHazard[] =>
  Object.entries(live.filterFaults ?? {}).flatMap(([node, faults]) =>
    [...Map.groupBy(faults, ({ publication }) => publication)].map(([name, own]) => {
      const place = desired.publications.find((it) => it.node === node && it.name === name)?.source;
      const texts = own.map(
        ({ table, where, why }) => `the row filter of ${formatName(table)} (${where}): ${why}`,
      );
      return hazard(
        'block',
        'FILTER_INVALID',
        addressOf(node, 'publication', name),
        `Node ${node} cannot read ${texts.join('; ')}.`,
        `Correct the filter in the publication at ${place ?? 'steep.yaml'}.`,
      );
    }),
  );
