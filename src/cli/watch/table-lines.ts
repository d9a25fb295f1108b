// Rows as lines of the screen: columns that fit its width, and the rows around the cursor.

import {
  cutLine,
  type Glyphs,
  type Role,
  type ScreenLine,
  span,
  type TextSpan,
} from './screen-line.ts';

export interface ViewColumn {
  readonly title: string;
  /** The higher, the sooner it is left out on a narrow screen; 0: never. */
  readonly optional: number;
}

export interface Row {
  /** Stays with the row when others come or go. */
  readonly key: string;
  /** Which node and edge it is about; null: none. */
  readonly node: string | null;
  readonly edge: string | null;
  readonly cells: readonly TextSpan[];
  /** What is said below the table when the cursor is here. */
  readonly detail: readonly (readonly [text: string, role: Role])[];
}

export interface View {
  readonly columns: readonly ViewColumn[];
  readonly rows: readonly Row[];
  /** Where there are no rows. */
  readonly none: string;
}

const gap = 2;

const widthsOf = ({ columns, rows }: View): readonly number[] =>
  columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[index]?.text.length ?? 0)),
  );

/** Leaves out the most optional columns until the rest fits. */
const fitting = (view: View, widths: readonly number[], width: number): readonly number[] => {
  let kept = view.columns.map((_, index) => index);
  const total = (): number => kept.reduce((sum, index) => sum + (widths[index] ?? 0) + gap, 0);
  while (total() > width) {
    const optional = (index: number): number => view.columns[index]?.optional ?? 0;
    const worst = kept.reduce((a, b) => (optional(b) >= optional(a) ? b : a), kept[0] ?? 0);
    if (optional(worst) === 0) break;
    kept = kept.filter((index) => index !== worst);
  }
  return kept;
};

/** The first row that is shown, so that the cursor is on the screen. */
const firstShown = (cursor: number, rows: number, height: number): number =>
  Math.max(0, Math.min(cursor - Math.floor(height / 2), rows - height));

export interface TableOptions {
  readonly width: number;
  /** Lines, with that of the titles. */
  readonly height: number;
  /** Index of the row; -1: no cursor is shown. */
  readonly cursor: number;
  /** Keys of rows with a sign; default: none. */
  readonly marked?: readonly string[];
  readonly glyphs: Glyphs;
}

/** Exactly as many lines as there is room for, or fewer. The cursor is a sign too: colour may be missing. */
export const viewLines = (view: View, options: TableOptions): readonly ScreenLine[] => {
  const { width, height, cursor, marked = [], glyphs } = options;
  if (view.rows.length === 0) return [[span(`  ${view.none}`, 'dim')]];
  const widths = widthsOf(view);
  const kept = fitting(view, widths, width - 2);
  const cellsOf = (cells: readonly TextSpan[]): ScreenLine =>
    kept.map((index) => {
      const { text, role } = cells[index] ?? span('');
      return { text: text.padEnd((widths[index] ?? 0) + gap), role };
    });
  const first = firstShown(cursor, view.rows.length, height - 1);
  const shown = view.rows.slice(first, first + height - 1);
  const sign = (index: number, key: string): TextSpan =>
    span(`${index === cursor ? '>' : ' '}${marked.includes(key) ? '*' : ' '}`, 'bold');
  const titles = view.columns.map(({ title }) => span(title, 'dim'));
  return [
    cutLine([span('  '), ...cellsOf(titles)], width, glyphs.more),
    ...shown.map((row, index) =>
      cutLine([sign(first + index, row.key), ...cellsOf(row.cells)], width, glyphs.more),
    ),
  ];
};
