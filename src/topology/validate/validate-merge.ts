// init: { method: merge }: that it is one of a pair, with all that its strategies need, and nothing that nobody looks at.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { formatName } from '../../model/identifier.ts';
import { finding } from '../findings.ts';
import { formatPath, type Path } from '../parse/source-document.ts';
import type { Init, MergeRule, Pair } from '../parse/steep-file.generated.ts';
import { pairsOf } from '../resolve/pairs.ts';
import { completeRule } from '../resolve/resolve-merge.ts';
import { tableEntries } from '../resolve/table-entries.ts';
import { parseTableName } from '../resolve/table-name.ts';
import { subscriptionsOf, type Topology, type TopologyCheck } from '../topology.ts';
import { unreadableName } from './name-faults.ts';

export const validateMerge: TopologyCheck = (topology) => {
  const { file } = topology;
  return [
    ...notOfPair(topology, ['defaults', 'init'], file.defaults?.init),
    ...subscriptionsOf(file).flatMap(([name, { init }]) =>
      notOfPair(topology, ['subscriptions', name, 'init'], init),
    ),
    ...pairsOf(file).flatMap(([name, pair]) => pairFaults(topology, name, pair)),
  ];
};

const mergeKeys = [
  'strategy',
  'modified_column',
  'tie',
  'tables',
  'decisions',
  'max_lock',
  'max_overwrites',
] as const;

const notOfPair = (
  topology: Topology,
  path: Path,
  init: Init | undefined,
): readonly Diagnostic[] => {
  if (init?.method !== 'merge') return useless(topology, path, init);
  const place = topology.document.valueAt([...path, 'method']);
  const detail = `\`${formatPath([...path, 'method'])}: merge\` joins two nodes that both hold rows, which only a pair does.`;
  return [finding('INVALID_VALUE', detail, place, ['Write it in `init` of a pair.'])];
};

const useless = (
  { document }: Topology,
  path: Path,
  init: Init | undefined,
): readonly Diagnostic[] =>
  mergeKeys
    .filter((key) => init?.[key] !== undefined)
    .map((key) => {
      const detail = `\`${formatPath([...path, key])}\` belongs to \`method: merge\`.`;
      return finding('NO_EFFECT', detail, document.keyAt([...path, key]), ['Remove it.']);
    });

const pairFaults = (topology: Topology, name: string, pair: Pair): readonly Diagnostic[] => {
  const { init } = pair;
  const path = ['pairs', name, 'init'];
  if (init?.method !== 'merge') return useless(topology, path, init);
  if (init.strategy === undefined) {
    const cure =
      'Write which row both nodes keep where they differ: `strategy: prefer-node-a`, `prefer-node-b`, `last-modified` or `manual`.';
    return [missing(topology, [...path, 'method'], 'strategy', cure)];
  }
  return [
    ...incomplete(topology, [...path, 'strategy'], { ...init, strategy: init.strategy }),
    ...decisionFaults(topology, path, init),
    ...Object.entries(init.tables ?? {}).flatMap(([table, rule]) => [
      ...incomplete(topology, [...path, 'tables', table, 'strategy'], completeRule(init, rule)),
      ...tableFaults(topology, name, pair, table),
    ]),
  ];
};

const missing = ({ document }: Topology, path: Path, key: string, cure: string): Diagnostic =>
  finding(
    'MISSING_KEY',
    `\`${formatPath(path)}\` needs \`${key}\` beside it.`,
    document.valueAt(path),
    [cure],
  );

/** At the strategy that cannot decide without them. */
const incomplete = (
  topology: Topology,
  path: Path,
  { strategy, modified_column, tie }: MergeRule,
): readonly Diagnostic[] => {
  if (strategy !== 'last-modified') return [];
  const column = 'Name the column with the time of the last change: `modified_column: updated_at`.';
  const side = 'Say whose row is kept where neither is later: `tie: node_a` or `tie: node_b`.';
  return [
    ...(modified_column === undefined ? [missing(topology, path, 'modified_column', column)] : []),
    ...(tie === undefined ? [missing(topology, path, 'tie', side)] : []),
  ];
};

/** One file for all tables of the pair. */
const decisionFaults = (topology: Topology, path: Path, init: Init): readonly Diagnostic[] => {
  const byHand = [
    ...(init.strategy === 'manual' ? [[...path, 'strategy']] : []),
    ...Object.entries(init.tables ?? {}).flatMap(([table, { strategy }]) =>
      strategy === 'manual' ? [[...path, 'tables', table, 'strategy']] : [],
    ),
  ];
  const [first] = byHand;
  if (init.decisions === undefined) {
    const cure = 'Name the file with the decisions in `init`: `decisions: decisions.ndjson`.';
    return first === undefined ? [] : [missing(topology, first, 'decisions', cure)];
  }
  if (first !== undefined) return [];
  const at = [...path, 'decisions'];
  const detail = `\`${formatPath(at)}\` belongs to \`strategy: manual\`, which no table has.`;
  return [finding('NO_EFFECT', detail, topology.document.keyAt(at), ['Remove it.'])];
};

const tableFaults = (
  topology: Topology,
  name: string,
  pair: Pair,
  table: string,
): readonly Diagnostic[] => {
  const { document } = topology;
  const path = ['pairs', name, 'init', 'tables', table];
  const read = parseTableName(table);
  if (!read.ok) return unreadableName(document, path, { ...read, part: { offset: 0, length: 1 } });
  const isListed = tableEntries(['pairs', name], pair).some(({ selector }) => {
    if (!selector.ok || selector.value.kind === 'all') return true;
    return selector.value.kind === 'schema'
      ? selector.value.schema === read.value.schema
      : formatName(selector.value.table) === formatName(read.value);
  });
  if (isListed) return [];
  const detail = `\`${formatPath(path)}\`: pair ${name} does not list table ${formatName(read.value)}.`;
  return [
    finding('NO_EFFECT', detail, document.keyAt(path), [
      'Add it to `tables` of the pair, or remove it. If it is a partition of a table that is listed, this rule holds for it.',
    ]),
  ];
};
