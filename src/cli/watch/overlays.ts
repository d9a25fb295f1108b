// What lies over a view: the progress of one initialization, and the help.

import { copyPhases } from '../../model/copy/init-phase.ts';
import type { InitProgress } from '../../model/copy/init-progress.ts';
import { formatCount } from '../../model/quantity.ts';
import type { WatchState } from '../../model/watch/watch-state.ts';
import { edgeProgress, type WatchedEdge } from '../../model/watch/watched-edge.ts';
import { bar, type Glyphs, line, type ScreenLine, span } from './screen-line.ts';
import { rateText, secondsText, sizeText } from './words.ts';

const barWidth = 30;
const tableBarWidth = 15;

const phaseLine = ({ phase }: InitProgress): ScreenLine =>
  copyPhases.flatMap((each, index) => [
    span(index === 0 ? '  ' : ' > '),
    each === phase ? span(each.toUpperCase(), 'caution') : span(each, 'dim'),
  ]);

const totals = (progress: InitProgress): readonly string[] => [
  `tables   ${progress.tablesDone} of ${progress.tablesTotal}`,
  `rows     ${formatCount(progress.rowsCopied)}, ${
    progress.rowsPerSecond === null ? '-' : formatCount(Math.round(progress.rowsPerSecond))
  } rows/s`,
  `bytes    ${sizeText(progress.bytesCopied)} of ${sizeText(progress.bytesTotal)}, ${rateText(progress.bytesPerSecond)}`,
  `ETA      ${secondsText(progress.etaSeconds)}`,
  `workers  ${progress.workers}`,
  ...(progress.lagBytes === null ? [] : [`lag      ${sizeText(progress.lagBytes)}`]),
];

const running = (progress: InitProgress, glyphs: Glyphs): readonly ScreenLine[] =>
  progress.tables.map((table) => [
    span(`  ${bar(table.percent ?? 0, tableBarWidth, glyphs)}  `),
    span(table.table, 'bold'),
    span(`  ${rateText(table.bytesPerSecond)}  ETA ${secondsText(table.etaSeconds)}`),
  ]);

/** Of a two-phase initialization: the snapshots that its source generates right now. */
const generation = ({ status }: WatchedEdge, { nodes }: WatchState, glyphs: Glyphs) =>
  [...(nodes.get(status.source)?.generating ?? [])].map(([id, { progress }]) =>
    line(
      `  Generation   ${bar(progress.percent, barWidth, glyphs)}  ${id}  ETA ${secondsText(progress.etaSeconds)}`,
    ),
  );

export const progressLines = (
  edge: WatchedEdge | undefined,
  state: WatchState,
  glyphs: Glyphs,
): readonly ScreenLine[] => {
  if (edge === undefined) return [line('  No edge is selected.', 'dim')];
  const { node, subscription, source, init } = edge.status;
  const progress = edgeProgress(edge);
  const title = line(`Initialization of ${node}/${subscription} from ${source}`, 'bold');
  const made = generation(edge, state, glyphs);
  if (progress === null) {
    return [
      title,
      line(`  ${init?.state ?? 'No initial copy'}: nothing is copied.`, 'dim'),
      ...made,
    ];
  }
  return [
    title,
    ...made,
    line(
      `  ${init?.method === 'two_phase' ? 'Application  ' : ''}${bar(progress.percent, barWidth, glyphs)}`,
    ),
    phaseLine(progress),
    ...totals(progress).map((text) => line(`  ${text}`)),
    ...running(progress, glyphs),
  ];
};

/** For the smallest screen: eleven lines of sixty columns. */
const help: readonly (readonly [keys: string, meaning: string])[] = [
  ['1-6, Tab', 'the views'],
  ['Up Down j k', 'the cursor; further: Page Up, Page Down, g, G'],
  ['Enter, l', 'into the row: node, its edges, their tables'],
  ['Esc, h', 'out again; removes the filter'],
  ['/', 'shows only rows that contain a text'],
  ['D', 'the progress of this initialization'],
  ['Space', 'marks a table'],
  ['C', 'cancels this initialization'],
  ['P', 'disables or enables the subscription'],
  ['R, V', 're-initializes or verifies marked tables'],
  ['q, Ctrl-C', 'ends steep watch'],
];

export const helpLines = (): readonly ScreenLine[] =>
  help.map(([keys, meaning]) => [span(`  ${keys.padEnd(13)}`, 'caution'), span(meaning)]);
