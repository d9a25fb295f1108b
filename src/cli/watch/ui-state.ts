// What the user has chosen on the screen, and what each key does. Pure: the same keys give the same screen.

import type { Row, View } from './table-lines.ts';

export const viewNames = ['nodes', 'edges', 'tables', 'slots', 'operations', 'log'] as const;
export type ViewName = (typeof viewNames)[number];

/** What the rows of a view are narrowed to; null: nothing. */
export interface ViewScope {
  readonly node: string | null;
  /** The key of an edge. */
  readonly edge: string | null;
}

interface Place extends ViewScope {
  readonly view: ViewName;
}

export interface UiState extends Place {
  /** Where Esc leads. */
  readonly trail: readonly Place[];
  /** The key of the row under the cursor, by view. */
  readonly cursor: Readonly<Partial<Record<ViewName, string>>>;
  /** Rows must contain it. */
  readonly filter: string;
  readonly isTyping: boolean;
  readonly overlay: 'help' | 'progress' | 'action' | null;
  /** Tables of one edge, for the next change. */
  readonly marked: { readonly edge: string | null; readonly tables: readonly string[] };
}

export const firstScreen: UiState = {
  view: 'nodes',
  node: null,
  edge: null,
  trail: [],
  cursor: {},
  filter: '',
  isTyping: false,
  overlay: null,
  marked: { edge: null, tables: [] },
};

/** A key by its name (`up`, `enter`), or the character that was typed. */
export type KeyName =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'left'
  | 'right'
  | 'tab'
  | 'enter'
  | 'escape'
  | 'backspace';

export interface KeyPress {
  readonly name: KeyName | null;
  readonly text: string;
}

/** The rows that the filter leaves. */
export const filtered = (view: View, { filter }: UiState): View => {
  const wanted = filter.toLowerCase();
  const rows = view.rows.filter(({ cells }) =>
    cells.some(({ text }) => text.toLowerCase().includes(wanted)),
  );
  return wanted === '' ? view : { ...view, rows, none: `No row contains "${filter}".` };
};

/** The row under the cursor; the first where it has none; -1: there are no rows. */
export const cursorOf = ({ view, cursor }: UiState, { rows }: View): number => {
  const found = rows.findIndex(({ key }) => key === cursor[view]);
  return rows.length === 0 ? -1 : Math.max(0, found);
};

const page = 10;

const moveBy = (ui: UiState, shown: View, by: number): UiState => {
  const next = Math.max(0, Math.min(shown.rows.length - 1, cursorOf(ui, shown) + by));
  const key = shown.rows[next]?.key;
  return key === undefined ? ui : { ...ui, cursor: { ...ui.cursor, [ui.view]: key } };
};

const go = (ui: UiState, place: Place): UiState => ({
  ...ui,
  ...place,
  trail: [...ui.trail, { view: ui.view, node: ui.node, edge: ui.edge }],
  filter: '',
});

/** To another view; Tables and Log are about the row under the cursor. */
const turnTo = (ui: UiState, view: ViewName, row: Row | undefined): UiState => {
  if (view === ui.view) return ui;
  const edge = row?.edge ?? (ui.view === 'tables' ? ui.edge : null);
  if (view === 'tables') return go(ui, { view, node: null, edge });
  if (view === 'log') return go(ui, { view, node: row?.node ?? null, edge });
  return go(ui, { view, node: null, edge: null });
};

const inward: Readonly<Partial<Record<ViewName, ViewName>>> = {
  nodes: 'edges',
  edges: 'tables',
  slots: 'log',
};

const enter = (ui: UiState, row: Row | undefined): UiState => {
  const to = inward[ui.view];
  if (row === undefined) return ui;
  if (to === undefined) return { ...ui, overlay: 'progress' };
  return go(ui, { view: to, node: row.node, edge: row.edge });
};

const back = (ui: UiState): UiState => {
  if (ui.overlay !== null) return { ...ui, overlay: null };
  if (ui.filter !== '') return { ...ui, filter: '' };
  const last = ui.trail.at(-1);
  return last === undefined ? ui : { ...ui, ...last, trail: ui.trail.slice(0, -1) };
};

const type = (ui: UiState, { name, text }: KeyPress): UiState => {
  if (name === 'enter') return { ...ui, isTyping: false };
  if (name === 'escape') return { ...ui, isTyping: false, filter: '' };
  if (name === 'backspace') return { ...ui, filter: ui.filter.slice(0, -1) };
  return name === null ? { ...ui, filter: ui.filter + text } : ui;
};

/** Marks the table under the cursor, or no longer, and moves to the next. */
const mark = (ui: UiState, shown: View): UiState => {
  const table = shown.rows[cursorOf(ui, shown)]?.key;
  if (ui.view !== 'tables' || table === undefined) return ui;
  const before = ui.marked.edge === ui.edge ? ui.marked.tables : [];
  const tables = before.includes(table)
    ? before.filter((each) => each !== table)
    : [...before, table];
  return moveBy({ ...ui, marked: { edge: ui.edge, tables } }, shown, 1);
};

type Move = (ui: UiState, shown: View) => UiState;

const moves: Readonly<Record<string, Move>> = {
  up: (ui, shown) => moveBy(ui, shown, -1),
  k: (ui, shown) => moveBy(ui, shown, -1),
  down: (ui, shown) => moveBy(ui, shown, 1),
  j: (ui, shown) => moveBy(ui, shown, 1),
  pageUp: (ui, shown) => moveBy(ui, shown, -page),
  pageDown: (ui, shown) => moveBy(ui, shown, page),
  home: (ui, shown) => moveBy(ui, shown, -shown.rows.length),
  g: (ui, shown) => moveBy(ui, shown, -shown.rows.length),
  end: (ui, shown) => moveBy(ui, shown, shown.rows.length),
  G: (ui, shown) => moveBy(ui, shown, shown.rows.length),
  ' ': mark,
};

type Change = (ui: UiState, row: Row | undefined) => UiState;

const changes: Readonly<Record<string, Change>> = {
  enter,
  right: enter,
  l: enter,
  escape: back,
  left: back,
  h: back,
  tab: (ui, row) => turnTo(ui, viewNames[(viewNames.indexOf(ui.view) + 1) % 6] ?? 'nodes', row),
  '/': (ui) => ({ ...ui, isTyping: true, filter: '' }),
  '?': (ui) => ({ ...ui, overlay: ui.overlay === 'help' ? null : 'help' }),
  D: (ui) => ({ ...ui, overlay: ui.overlay === 'progress' ? null : 'progress' }),
  ...Object.fromEntries(
    viewNames.map((view, index): [string, Change] => [
      String(index + 1),
      (ui, row) => turnTo(ui, view, row),
    ]),
  ),
};

/** What the user has chosen after this key; null: to end. `shown`: the rows on the screen, as the filter leaves them. */
export const pressKey = (ui: UiState, press: KeyPress, shown: View): UiState | null => {
  if (ui.isTyping) return type(ui, press);
  const key = press.name ?? press.text;
  if (key === 'q') return null;
  const move = moves[key];
  if (move !== undefined) return move(ui, shown);
  return changes[key]?.(ui, shown.rows[cursorOf(ui, shown)]) ?? ui;
};
