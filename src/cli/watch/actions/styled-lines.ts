// Text of renderers, as lines of the screen: what chalk colours is a role here, and long lines are wrapped.

import { withoutSecretsAndCommands } from '../../output.ts';
import { createStyle, type Style } from '../../render/style.ts';
import { lineText, type Role, type ScreenLine, span, type TextSpan } from '../screen-line.ts';

/** Renderers for the screen write with this one; what the terminal can show is decided when the lines are drawn. */
export const codedStyle: Style = createStyle({ isTTY: true, env: {} });

interface Coded {
  readonly colour: Role | null;
  readonly weight: Role | null;
}

const plain: Coded = { colour: null, weight: null };

/** The codes of chalk with 16 colours; what has no role here, such as cyan, is plain. */
const codes: Readonly<Record<string, Partial<Coded>>> = {
  '1': { weight: 'bold' },
  '2': { weight: 'dim' },
  '22': { weight: null },
  '31': { colour: 'bad' },
  '32': { colour: 'good' },
  '33': { colour: 'caution' },
  '39': { colour: null },
};

const esc = '\u001b';
const parts = new RegExp(`${esc}\\[(\\d+)m|([^${esc}]+|${esc})`, 'g');

const styledLine = (text: string): ScreenLine => {
  let coded = plain;
  const spans: TextSpan[] = [];
  for (const [, code, shown] of text.matchAll(parts)) {
    if (code !== undefined) coded = { ...coded, ...codes[code] };
    else spans.push(span(shown ?? '', coded.colour ?? coded.weight ?? 'plain'));
  }
  return spans;
};

/** Without a secret, wherever a line is wrapped later. */
export const styledLines = (text: string): readonly ScreenLine[] =>
  withoutSecretsAndCommands(text)
    .replaceAll('\t', '    ')
    .split('\n')
    .map((each) => styledLine(each));

const slice = (spans: ScreenLine, from: number, to: number): ScreenLine => {
  let at = 0;
  return spans.flatMap(({ text, role }) => {
    const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    at += text.length;
    return part === '' ? [] : [{ text: part, role }];
  });
};

/** Where a text is cut: at the last space that leaves something on the line. */
const cutAt = (text: string, width: number, indent: number): number => {
  const space = text.lastIndexOf(' ', width);
  return space > indent ? space : width;
};

/** Lines of whole words, none longer than `width`; what continues a line is indented a little more. */
export const wrapLine = (spans: ScreenLine, width: number): readonly ScreenLine[] => {
  const text = lineText(spans);
  if (text.length <= width) return [spans];
  const own = text.length - text.trimStart().length;
  const indent = Math.min(own + 2, Math.floor(width / 2));
  const lines: ScreenLine[] = [];
  let from = 0;
  while (from < text.length) {
    const hanging = from === 0 ? 0 : indent;
    const rest = text.slice(from);
    const length =
      rest.length <= width - hanging
        ? rest.length
        : cutAt(rest, width - hanging, from === 0 ? own : 0);
    const part = slice(spans, from, from + length);
    lines.push(hanging === 0 ? part : [span(' '.repeat(hanging)), ...part]);
    from += length;
    while (text[from] === ' ') from += 1;
  }
  return lines;
};
