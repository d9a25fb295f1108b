// Row filters and column lists that the publisher refuses: CREATE PUBLICATION would fail.

import { formatName } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import { isKind, type PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

interface Refused {
  readonly node: string;
  readonly publication: string;
  readonly what: string;
}

const unreadable = ({ live }: PlanContext): readonly Refused[] =>
  Object.entries(live.filterFaults ?? {}).flatMap(([node, faults]) =>
    faults.map(({ publication, table, where, why }) => ({
      node,
      publication,
      what: `the row filter of ${formatName(table)} (${where}): ${why}`,
    })),
  );

/** A filter or a list is of the table whose name changes are sent with: without the option, that is each partition. */
const ofRoots = ({ want, tables }: PlanContext): readonly Refused[] =>
  [...want.values()].filter(isKind('publication')).flatMap(({ node, name, spec }) =>
    spec.tables.flatMap(({ table, where, columns }) => {
      const part = where === null ? 'the column list' : 'the row filter';
      const isRoot = tables.get(node)?.get(formatName(table))?.partitioned === true;
      if ((where === null && columns === null) || !isRoot || spec.viaPartitionRoot) return [];
      const why = 'a partitioned table has one only with publish_via_partition_root: true';
      return [{ node, publication: name, what: `${part} of ${formatName(table)}: ${why}` }];
    }),
  );

/** One for each publication with such a filter or list. */
export const filterFaultHazards = (context: PlanContext): readonly FoundHazard[] => {
  const refused = [...unreadable(context), ...ofRoots(context)];
  const byPublication = Map.groupBy(refused, ({ node, publication }) =>
    addressOf(node, 'publication', publication),
  );
  return [...byPublication].flatMap(([address, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const { node, publication } = first;
    const place = context.desired.publications.find(
      (it) => it.node === node && it.name === publication,
    )?.source;
    return [
      hazard(
        'block',
        'FILTER_INVALID',
        address,
        `Node ${node} would refuse ${own.map(({ what }) => what).join('; ')}.`,
        `Correct the filter in the publication at ${place ?? 'steep.yaml'}.`,
      ),
    ];
  });
};
