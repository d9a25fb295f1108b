// The state of a topology for people: nodes, edges, and the verdict with its cure.

import { isUnderWay } from '../../model/copy/init-reading.ts';
import type { EdgeStatus, Health } from '../../model/edge/edge-health.ts';
import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import { formatPart, formatSize } from '../../model/quantity.ts';
import type { NodeStatus, StatusReport } from '../../model/report/status.ts';
import { alignColumns } from './layout.ts';
import { initLines } from './render-init.ts';
import type { Style } from './style.ts';

/** Tables for people. For machines, the report itself is the JSON document. */
export const renderStatus = (report: StatusReport, style: Style): string =>
  [
    ...table('Nodes', nodeHeader, report.nodes.map(nodeRow(style)), style),
    ...report.nodes.flatMap(nodeError),
    '',
    ...table('Edges', edgeHeader, report.edges.map(edgeRow(style)), style),
    '',
    ...initialCopies(report.edges, style),
    ...snapshotsUnderWay(report.snapshots, style),
    ...renderVerdicts(report.edges, style),
    ...lastVerifications(report, style),
    `Overall: ${healthWord(report.overall, style)}, as of ${printable(report.readAt)}`,
  ].join('\n');

const table = (
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
): readonly string[] => {
  const lines = alignColumns([header, ...rows]).map((line) => `  ${line}`);
  return [style.bold(title), ...(rows.length === 0 ? ['  none'] : lines)];
};

const nodeHeader = ['node', 'version', 'role', 'state', 'metadata'];

const nodeRow =
  (style: Style) =>
  (node: NodeStatus): readonly string[] =>
    node.reachable
      ? [
          printable(node.name),
          node.version,
          node.role,
          node.state ?? '-',
          metadataWord(node.metadataVersion),
        ]
      : [printable(node.name), style.bad('NOT READ'), '-', '-', '-'];

const nodeError = (node: NodeStatus): readonly string[] =>
  node.reachable
    ? []
    : [`    ${printable(`${node.name}: ${node.error.message}`)}  ${node.error.code}`];

const metadataWord = (installed: number): string =>
  installed === 0 ? 'none' : `version ${installed}`;

const edgeHeader = [
  'subscription',
  'from -> to',
  'health',
  'worker',
  'slot',
  'wal',
  'lag',
  'retained',
  'tables',
  'errors',
  'init',
];

const edgeRow =
  (style: Style) =>
  (edge: EdgeStatus): readonly string[] => [
    printable(edge.subscription),
    printable(`${edge.source} -> ${edge.node}`),
    healthWord(edge.verdict.health, style),
    workerWord(edge),
    slotWord(edge),
    edge.walStatus ?? 'unknown',
    formatSize(edge.lagBytes),
    formatSize(edge.retainedBytes),
    `${edge.tablesReady}/${edge.tablesTotal}`,
    errorWord(edge),
    edge.initState ?? '-',
  ];

const workerWord = ({ enabled, workerRunning }: EdgeStatus): string => {
  if (enabled === false) return 'disabled';
  if (workerRunning === null) return 'unknown';
  return workerRunning ? 'running' : 'NOT RUNNING';
};

const slotWord = ({ slot, slotExists }: EdgeStatus): string => {
  if (slot === null) return 'none';
  const name = printable(slot);
  if (slotExists === null) return `${name} (unknown)`;
  return slotExists ? name : `${name} (MISSING)`;
};

/** Failed changes and failed copies; servers before 15 do not count them. */
const errorWord = ({ applyErrors, syncErrors, errorsMoving }: EdgeStatus): string => {
  if (applyErrors === null && syncErrors === null) return 'not counted';
  const counts = `${applyErrors ?? 0} apply, ${syncErrors ?? 0} sync`;
  return errorsMoving === true ? `${counts}, rising` : counts;
};

/** Bad news in capitals: it must be seen without colour too. */
const healthWord = (health: Health, style: Style): string => {
  switch (health) {
    case 'ok':
      return style.good('ok');
    case 'broken':
      return style.bad('BROKEN');
    case 'unknown':
      return style.bad('UNKNOWN');
    case 'lagging':
    case 'copying':
    case 'disabled':
      return style.caution(health);
  }
};

/** Those that are not over, with what is copied right now. */
const initialCopies = (edges: readonly EdgeStatus[], style: Style): readonly string[] => {
  const lines = edges.flatMap(({ init }) =>
    init !== null && isUnderWay(init) ? initLines(init).map((line) => `  ${line}`) : [],
  );
  return lines.length === 0 ? [] : [style.bold('Initial copies'), ...lines, ''];
};

/** Those that nobody reports any more were stopped: the same command continues them. */
const snapshotsUnderWay = (
  snapshots: StatusReport['snapshots'],
  style: Style,
): readonly string[] => {
  const lineOf = (it: StatusReport['snapshots'][number]): string => {
    const done = [
      printable(it.phase ?? 'beginning'),
      it.bytesTotal === null ? formatSize(it.bytesDone) : formatPart(it.bytesDone, it.bytesTotal),
      `${it.tablesDone} of ${plural(it.tablesTotal, 'table')}`,
      ...(it.silent ? [style.bad(`STOPPED at ${printable(it.updatedAt)}`)] : []),
    ];
    const where = it.operation === 'generate' ? 'of' : 'into';
    return `  ${printable(`${it.snapshotId} ${where} ${it.node}`)}  ${done.join(', ')}`;
  };
  const listOf = (operation: 'generate' | 'apply', title: string): readonly string[] => {
    const lines = snapshots.filter((it) => it.operation === operation).map(lineOf);
    return lines.length === 0 ? [] : [style.bold(title), ...lines, ''];
  };
  return [
    ...listOf('generate', 'Snapshots being made'),
    ...listOf('apply', 'Snapshots being loaded'),
  ];
};

const lastVerifications = ({ verifications }: StatusReport, style: Style): readonly string[] => {
  const lines = verifications.map((last) => {
    const { address, verifiedAt, tables, equal, different, unknown } = last;
    const found = [
      `${equal} of ${plural(tables, 'table')} equal`,
      ...(different > 0 ? [style.bad(`${different} DIFFERENT`)] : []),
      ...(unknown > 0 ? [style.caution(`${unknown} not settled or not read`)] : []),
    ];
    return `  ${printable(address)}  ${found.join(', ')}, as of ${printable(verifiedAt)}`;
  });
  return lines.length === 0 ? [] : [style.bold('Rows compared by steep verify'), ...lines, ''];
};

const renderVerdicts = (edges: readonly EdgeStatus[], style: Style): readonly string[] =>
  edges.flatMap(({ node, subscription, verdict }) =>
    verdict.reason === null
      ? []
      : [
          `${healthWord(verdict.health, style)}  ${printable(`${node}/subscription.${subscription}: ${verdict.reason}`)}`,
          ...verdict.cure.map((line) => `    ${printable(line)}`),
          '',
        ],
  );
