// The tables of pairs: whole, since filters would let the two sides drift apart, and replicated between the
// two nodes in no other way.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { formatPath, type Path } from '../parse/source-document.ts';
import type { Pair, Publication } from '../parse/steep-file.generated.ts';
import { directionsOf, pairsOf } from '../resolve/pairs.ts';
import { formatSelector, type TableEntry, tableEntries } from '../resolve/table-entries.ts';
import { type NameSelector, parseIdentifier } from '../resolve/table-name.ts';
import {
  type EdgeBlock,
  edgeBlocksOf,
  publishingBlocksOf,
  type Topology,
  type TopologyCheck,
} from '../topology.ts';

/** Tables that a pair lists in part, or that arrive in another way too. */
export const validatePairTables: TopologyCheck = (topology) =>
  pairsOf(topology.file).flatMap(([name, pair], index) => [
    ...tableEntries(['pairs', name], pair).flatMap((entry) => filtered(topology, entry)),
    ...arrivesTwice(topology, name, pair, index),
  ]);

const filtered = ({ document }: Topology, { path, settings }: TableEntry): readonly Diagnostic[] =>
  (['columns', 'where'] as const)
    .filter((key) => settings?.[key] !== undefined)
    .map((key) =>
      finding(
        'PAIR_FILTERED',
        `${settings?.name}: with \`${key}\` each side would keep values that the other never sees, and change them.`,
        document.keyAt([...path, key]),
        ['Remove it, or replicate the table one way, with a publication and a subscription.'],
      ),
    );

/** The other edges from the same node to the same node; of two pairs the later one is at fault. */
const arrivesTwice = (
  topology: Topology,
  name: string,
  pair: Pair,
  index: number,
): readonly Diagnostic[] => {
  const { document, file } = topology;
  const before = new Set(
    pairsOf(file)
      .slice(0, index)
      .map(([other]) => other),
  );
  const others = edgeBlocksOf(file).filter(
    (edge) => edge.pair === null || before.has(edge.pair.name),
  );
  const faults = directionsOf(name, pair).flatMap(({ subscription, publication }) => {
    const other = others
      .filter((it) => it.subscription.source === subscription.source)
      .filter((it) => it.subscription.node === subscription.node)
      .find((it) => overlaps(selectorsOf(['pairs', name], publication), sentBy(topology, it)));
    return other === undefined ? [] : [{ other, subscription }];
  });
  return faults.slice(0, 1).map(({ other, subscription: { source, node } }) => {
    const detail = `Pair ${name}: ${node} receives the same tables from ${source} through \`${formatPath(other.path)}\`; each row would arrive twice.`;
    const cure = 'Remove the tables from one of the two.';
    return finding('PAIR_OVERLAP', detail, document.keyAt(['pairs', name]), [cure]);
  });
};

const sentBy = ({ file }: Topology, { subscription }: EdgeBlock): readonly NameSelector[] =>
  publishingBlocksOf(file)
    .filter(({ name, publication }) => {
      return publication.node === subscription.source && subscription.publications.includes(name);
    })
    .flatMap(({ path, publication }) => selectorsOf(path, publication));

const selectorsOf = (path: Path, publication: Publication): readonly NameSelector[] => [
  ...tableEntries(path, publication).flatMap(({ selector }) =>
    selector.ok ? [selector.value] : [],
  ),
  ...(publication.schemas ?? []).flatMap((text): readonly NameSelector[] => {
    const schema = parseIdentifier(text);
    return schema.ok ? [{ kind: 'schema', schema: schema.value }] : [];
  }),
];

const overlaps = (a: readonly NameSelector[], b: readonly NameSelector[]): boolean =>
  a.some((one) => b.some((other) => meets(one, other)));

const meets = (a: NameSelector, b: NameSelector): boolean => {
  if (a.kind === 'all' || b.kind === 'all') return true;
  if (a.kind === 'table' && b.kind === 'table') return formatSelector(a) === formatSelector(b);
  return schemaOf(a) === schemaOf(b);
};

const schemaOf = (selector: Exclude<NameSelector, { readonly kind: 'all' }>): string =>
  selector.kind === 'table' ? selector.table.schema : selector.schema;
