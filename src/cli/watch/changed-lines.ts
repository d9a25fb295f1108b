// What has to be written to a terminal so that it shows other lines: the ends of those lines that have changed. ink would
// lay out each cell of the screen again, and take more of the processor for that than all of steep watch.

import type { Style } from '../render/style.ts';
import { paintLine } from './paint.ts';
import { type ScreenLine, widthOf } from './screen-line.ts';

const esc = '\u001b';
/** Shown at once, where the terminal can; and a line that is too long, as wide characters make it, is cut. */
const begin = `${esc}[?2026h${esc}[?7l`;
const end = `${esc}[?7h${esc}[?2026l`;
const eraseScreen = `${esc}[2J`;
const eraseEnd = `${esc}[K`;

/** ASCII, and what bars and sparklines are made of: each takes one column. */
const isNarrow = (spans: ScreenLine): boolean =>
  spans.every(({ text }) => /^[ -~\u2026\u2581-\u2588\u2591]*$/.test(text));

const sameAtStart = (before: ScreenLine, now: ScreenLine): number => {
  const different = now.findIndex(
    ({ text, role }, index) => before[index]?.text !== text || before[index]?.role !== role,
  );
  return different === -1 ? now.length : different;
};

/** From the first part that differs on. A secret that lies across it is only seen, and hidden, in the whole line. */
const changedEnd = (before: ScreenLine, now: ScreenLine, row: number, style: Style): string => {
  const same = sameAtStart(before, now);
  if (same === now.length && same === before.length) return '';
  const [head, tail] = [now.slice(0, same), now.slice(same)];
  const whole = paintLine(now, style);
  const isCut = isNarrow(head) && paintLine(head, style) + paintLine(tail, style) === whole;
  const [column, text] = isCut ? [widthOf(head) + 1, paintLine(tail, style)] : [1, whole];
  return `${esc}[${row};${column}H${eraseEnd}${text}`;
};

/** `before`: what it shows; null: something else, which is erased. Empty: nothing has changed. */
export const changedLines = (
  before: readonly ScreenLine[] | null,
  lines: readonly ScreenLine[],
  style: Style,
): string => {
  const changes = lines.map((line, row) => changedEnd(before?.[row] ?? [], line, row + 1, style));
  const text = (before === null ? eraseScreen : '') + changes.join('');
  // The cursor waits below: a terminal that is resized keeps the lines around it.
  return text === '' ? '' : `${begin}${text}${esc}[${lines.length + 1};1H${end}`;
};
