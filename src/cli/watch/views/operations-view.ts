// The view Operations: initial copies and snapshots that are under way, and the queue; of a two-phase initialization, the
// generation of the snapshot and its application are two rows.

import type { InitProgress } from '../../../model/copy/init-progress.ts';
import { isWatched } from '../../../model/copy/init-reading.ts';
import type { SnapshotLook } from '../../../model/watch/watch-event.ts';
import type { WatchState } from '../../../model/watch/watch-state.ts';
import { edgeProgress, type WatchedEdge } from '../../../model/watch/watched-edge.ts';
import type { WatchedNode } from '../../../model/watch/watched-node.ts';
import { bar, type Glyphs, type Role, span } from '../screen-line.ts';
import type { Row, View } from '../table-lines.ts';
import { rateText, secondsText } from '../words.ts';
import { queueRows } from './queue-rows.ts';

const columns = [
  { title: 'operation', optional: 0 },
  { title: 'of', optional: 0 },
  { title: 'phase', optional: 1 },
  { title: 'progress', optional: 0 },
  { title: 'tables', optional: 3 },
  { title: 'rate', optional: 2 },
  { title: 'ETA', optional: 0 },
  { title: 'workers', optional: 4 },
];

const barWidth = 10;

interface Operation {
  readonly what: string;
  readonly of: string;
  readonly phase: string;
  readonly role: Role;
  readonly progress: InitProgress;
}

const cellsOf = ({ what, of, phase, role, progress }: Operation, glyphs: Glyphs): Row['cells'] => [
  span(what, 'bold'),
  span(of),
  span(phase, role),
  span(bar(progress.percent, barWidth, glyphs)),
  span(`${progress.tablesDone}/${progress.tablesTotal}`),
  span(rateText(progress.bytesPerSecond)),
  span(secondsText(progress.etaSeconds)),
  span(progress.workers === 0 ? '-' : String(progress.workers)),
];

const copyRow = (key: string, edge: WatchedEdge, glyphs: Glyphs): readonly Row[] => {
  const progress = edgeProgress(edge);
  if (progress === null) return [];
  const { init, node, subscription } = edge.status;
  const isAlone = init !== null && !isWatched(init);
  const what = init?.method === 'two_phase' ? 'snapshot application' : 'initial copy';
  const phase = isAlone ? `${progress.phase}, NO RUN` : progress.phase;
  const operation = { what, of: `${node}/${subscription}`, phase, progress };
  return [
    {
      key: `copy ${key}`,
      node,
      edge: key,
      cells: cellsOf({ ...operation, role: isAlone ? 'bad' : 'plain' }, glyphs),
      detail: isAlone ? [['No run reports progress; steep apply continues the copy.', 'bad']] : [],
    },
  ];
};

const snapshotRow = (node: WatchedNode, snapshot: SnapshotLook, glyphs: Glyphs): readonly Row[] => {
  const progress = node.generating.get(snapshot.snapshotId)?.progress;
  if (progress === undefined) return [];
  const { silent, snapshotId, location, phase } = snapshot;
  const operation = {
    what: 'snapshot generation',
    of: snapshotId,
    phase: silent ? 'NO RUN' : (phase ?? '-'),
    role: silent ? 'bad' : 'plain',
    progress,
  } as const;
  return [
    {
      key: `snapshot ${snapshotId}`,
      node: node.name,
      edge: null,
      cells: cellsOf(operation, glyphs),
      detail: [[`${node.name} -> ${location}`, 'plain']],
    },
  ];
};

export const operationsView = ({ nodes, edges }: WatchState, glyphs: Glyphs): View => ({
  columns,
  rows: [
    ...[...nodes.values()].flatMap((node) =>
      (node.look?.snapshots ?? []).flatMap((snapshot) => snapshotRow(node, snapshot, glyphs)),
    ),
    ...[...edges].flatMap(([key, edge]) => copyRow(key, edge, glyphs)),
    ...[...nodes.values()].flatMap(queueRows),
  ],
  none: 'No operation is running.',
});
