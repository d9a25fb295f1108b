// Lines of the screen as data: each part says what it means, and whoever writes it (terminal, page, picture) how that looks.

import { printable } from '../../model/printable.ts';

export type Role = 'plain' | 'good' | 'bad' | 'caution' | 'dim' | 'bold';

export interface TextSpan {
  readonly text: string;
  readonly role: Role;
}

export type ScreenLine = readonly TextSpan[];

/** Escaped: whatever a server or a recording says moves no cursor. */
export const span = (text: string, role: Role = 'plain'): TextSpan => ({
  text: printable(text),
  role,
});

export const line = (text: string, role: Role = 'plain'): ScreenLine => [span(text, role)];

export const widthOf = (spans: ScreenLine): number =>
  spans.reduce((width, { text }) => width + text.length, 0);

/** At most so many columns, … where it was cut. */
export const cutLine = (spans: ScreenLine, width: number, more: string): ScreenLine => {
  if (widthOf(spans) <= width) return spans;
  let left = Math.max(0, width - more.length);
  const kept: TextSpan[] = [];
  for (const { text, role } of spans) {
    kept.push({ text: text.slice(0, left), role });
    left = Math.max(0, left - text.length);
  }
  return [...kept.filter(({ text }) => text !== ''), { text: more, role: 'dim' }];
};

export const lineText = (spans: ScreenLine): string =>
  spans
    .map(({ text }) => text)
    .join('')
    .trimEnd();

/** Long text as lines of whole words. */
export const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current];
};

/** What is drawn with characters that not every terminal has. */
export interface Glyphs {
  /** From little to much. */
  readonly sparks: string;
  readonly full: string;
  readonly empty: string;
  readonly more: string;
}

export const unicodeGlyphs: Glyphs = { sparks: '▁▂▃▄▅▆▇█', full: '█', empty: '░', more: '…' };

export const asciiGlyphs: Glyphs = { sparks: '_.:-=+*#', full: '#', empty: '-', more: '~' };

/** UTF-8 by the environment, in the order of POSIX; Linux's own console has few characters. */
export const glyphsFor = (env: Readonly<Record<string, string | undefined>>): Glyphs => {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => (value ?? '') !== '') ?? '';
  return /utf-?8/i.test(locale) && env.TERM !== 'linux' && env.TERM !== 'dumb'
    ? unicodeGlyphs
    : asciiGlyphs;
};

/** `▁▁▃█`: the last amounts, the largest as high as it gets. */
export const sparkline = (
  amounts: readonly number[],
  width: number,
  { sparks }: Glyphs,
): string => {
  const shown = amounts.slice(-width);
  const largest = Math.max(...shown, 1);
  return shown
    .map((amount) => sparks[Math.round((Math.max(0, amount) / largest) * (sparks.length - 1))])
    .join('');
};

/** `███░░░ 50%`. */
export const bar = (percent: number, width: number, { full, empty }: Glyphs): string => {
  const done = Math.round((Math.min(100, Math.max(0, percent)) / 100) * width);
  return `${full.repeat(done)}${empty.repeat(width - done)} ${String(Math.floor(percent)).padStart(3)}%`;
};
