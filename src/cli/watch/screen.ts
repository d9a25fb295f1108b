// The whole screen as lines, from what was seen and what the user has chosen. Pure; terminal, page and --plain print it.

import { plural } from '../../model/listing.ts';
import type { WatchState } from '../../model/watch/watch-state.ts';
import { type ActionSize, actionLines } from './actions/action-lines.ts';
import type { ActionState } from './actions/action-state.ts';
import { helpLines, progressLines } from './overlays.ts';
import {
  cutLine,
  type Glyphs,
  line,
  type ScreenLine,
  span,
  type TextSpan,
  widthOf,
  wrapped,
} from './screen-line.ts';
import { type View, viewLines } from './table-lines.ts';
import {
  cursorOf,
  filtered,
  firstScreen,
  type UiState,
  type ViewName,
  viewNames,
} from './ui-state.ts';
import { edgesView } from './views/edges-view.ts';
import { logView } from './views/log-view.ts';
import { nodesView } from './views/nodes-view.ts';
import { operationsView } from './views/operations-view.ts';
import { slotsView } from './views/slots-view.ts';
import { tablesView } from './views/tables-view.ts';
import { healthOf, healthSpan } from './words.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ScreenOptions extends ScreenSize {
  readonly glyphs: Glyphs;
  /** In the title: what is played. */
  readonly note?: string;
  /** The change that was begun last; null: none. */
  readonly action?: ActionState | null;
}

const viewTitles: Readonly<Record<ViewName, string>> = {
  nodes: 'Nodes',
  edges: 'Edges',
  tables: 'Tables',
  slots: 'Slots and WAL',
  operations: 'Operations',
  log: 'Log',
};

/** The rows of the view that the user is in, as the filter leaves them. */
export const shownView = (state: WatchState, ui: UiState, glyphs: Glyphs): View => {
  const { node, edge } = ui;
  const views: Readonly<Record<ViewName, () => View>> = {
    nodes: () => nodesView(state, glyphs),
    edges: () => edgesView(state, node, glyphs),
    tables: () => tablesView(edge, edge === null ? undefined : state.edges.get(edge), glyphs),
    slots: () => slotsView(state, node),
    operations: () => operationsView(state, glyphs),
    log: () => logView(state, node, edge),
  };
  return filtered(views[ui.view](), ui);
};

/** A change that runs while something else is shown. */
const running = ({ action = null }: ScreenOptions): TextSpan =>
  action === null || action.phase === 'ended'
    ? span('')
    : span(`  running: ${action.title}`, 'caution');

/** Of all edges. Nothing is well before it was seen. */
const overall = ({ nodes, edges, introspected }: WatchState): TextSpan => {
  const all = [...nodes.values()];
  if (all.some(({ lost }) => lost !== null)) return healthSpan('unknown');
  const health = healthOf([...edges.values()]);
  const isSeen = introspected && all.every(({ look }) => look !== null);
  return health === 'ok' && !isSeen ? span('connecting', 'dim') : healthSpan(health);
};

const titleLine = (state: WatchState, options: ScreenOptions): ScreenLine => {
  const { columns, note } = options;
  const { nodes, edges, now } = state;
  const left = [
    span('steep watch  ', 'bold'),
    span(`${plural(nodes.size, 'node')}, ${plural(edges.size, 'edge')}  `),
    overall(state),
    span(note === undefined ? '' : `  ${note}`, 'caution'),
    running(options),
  ];
  const time = now === 0 ? 'connecting' : `${new Date(now).toISOString().slice(11, 19)} UTC`;
  const room = columns - widthOf(left) - time.length;
  return room < 1 ? left : [...left, span(' '.repeat(room)), span(time, 'dim')];
};

/** `1 Nodes  2 EDGES`: the one that is shown is in capitals, since colour may be missing. Without room, the others are numbers. */
const tabsLine = ({ view, node, edge }: UiState, columns: number): ScreenLine => {
  const tabs = (other: (name: ViewName) => string): ScreenLine => [
    ...viewNames.map((name, index) =>
      name === view
        ? span(`${index + 1} ${viewTitles[name].toUpperCase()}  `, 'bold')
        : span(`${index + 1}${other(name)}  `, 'dim'),
    ),
    span(edge ?? node ?? '', 'caution'),
  ];
  const whole = tabs((name) => ` ${viewTitles[name]}`);
  return widthOf(whole) <= columns ? whole : tabs(() => '');
};

const footers: Readonly<Record<NonNullable<UiState['overlay']> | 'none', string>> = {
  none: '?=help q=quit Enter=in Esc=out /=filter D=copy CPRV=change',
  help: 'Esc=out q=quit',
  progress: '?=help q=quit Esc=out C=cancel',
  action: 'Up Down=scroll Esc=out',
};

const footer = ({ isTyping, filter, overlay }: UiState): ScreenLine =>
  isTyping || filter !== ''
    ? line(`/${filter}${isTyping ? '_' : ''}`, 'caution')
    : line(footers[overlay ?? 'none'], 'dim');

const detailHeight = 4;

const detailLines = (view: View, cursor: number, columns: number): readonly ScreenLine[] =>
  (view.rows[cursor]?.detail ?? [])
    .flatMap(([text, role]) => wrapped(text, columns - 2).map((part) => line(`  ${part}`, role)))
    .slice(0, detailHeight);

/** The edge that a key is about. */
export const selectedEdge = (state: WatchState, ui: UiState, view: View) => {
  const key = view.rows[cursorOf(ui, view)]?.edge ?? ui.edge;
  return key === null ? undefined : state.edges.get(key);
};

const body = (
  state: WatchState,
  ui: UiState,
  options: ScreenOptions,
  height: number,
): readonly ScreenLine[] => {
  const { columns, glyphs, action = null } = options;
  if (ui.overlay === 'help') return helpLines();
  if (ui.overlay === 'action' && action !== null) {
    return actionLines(action, state, { columns, height }, glyphs);
  }
  const view = shownView(state, ui, glyphs);
  if (ui.overlay === 'progress') return progressLines(selectedEdge(state, ui, view), state, glyphs);
  const cursor = cursorOf(ui, view);
  const detail = detailLines(view, cursor, columns);
  const room = height - detail.length;
  const marked = ui.view === 'tables' && ui.marked.edge === ui.edge ? ui.marked.tables : [];
  return [...viewLines(view, { width: columns, height: room, cursor, marked, glyphs }), ...detail];
};

/** Title, tabs and footer. */
const frame = 3;

/** What is left for a view, or for what is over it. */
export const bodySize = ({ columns, rows }: ScreenSize): ActionSize => ({
  columns,
  height: Math.max(1, rows - frame),
});

/** Exactly as many lines as the screen has rows, none longer than it is wide. */
export const screenLines = (
  state: WatchState,
  ui: UiState,
  options: ScreenOptions,
): readonly ScreenLine[] => {
  const { height } = bodySize(options);
  const shown = body(state, ui, options, height).slice(0, height);
  const empty = Array.from({ length: height - shown.length }, () => line(''));
  return [
    titleLine(state, options),
    tabsLine(ui, options.columns),
    ...shown,
    ...empty,
    footer(ui),
  ].map((each) => cutLine(each, options.columns, options.glyphs.more));
};

/** Nodes, edges, slots and operations one below the other, without a frame and without a cursor: a block of plain text. */
export const plainLines = (state: WatchState, options: ScreenOptions): readonly ScreenLine[] => {
  const { columns: width, glyphs } = options;
  const views: readonly ViewName[] = ['nodes', 'edges', 'slots', 'operations'];
  const block = views.flatMap((name): readonly ScreenLine[] => {
    const view = shownView(state, { ...firstScreen, view: name }, glyphs);
    const height = view.rows.length + 1;
    return [
      line(viewTitles[name], 'bold'),
      ...viewLines(view, { width, height, cursor: -1, glyphs }),
      ...view.rows.flatMap((_, index) => detailLines(view, index, width)),
      line(''),
    ];
  });
  return [titleLine(state, options), line(''), ...block];
};
