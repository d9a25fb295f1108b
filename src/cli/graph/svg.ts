// A topology as one SVG file: no scripts, and nothing is loaded from elsewhere.

import { escapeMarkup } from '../escape-markup.ts';
import { cut } from '../render/layout.ts';
import { type Colours, darkRules, onWhite } from './colours.ts';
import type { Arrow, Box, Drawing, Tone } from './drawing.ts';
import { type Layout, layOut, type Place, type Point, type Size } from './layout.ts';

const lineHeight = 15;
const padding = 9;
/** Longer lines are cut; the whole text is in the tooltip. */
const longest = 44;
/** For the title, below the picture. */
const footer = 26;

/** How a picture looks where it is shown. */
export interface SvgLook {
  readonly colours: Colours;
  /** More attributes of the root, given the width in pixels. */
  readonly attributes?: (width: number) => string;
  /** The content of its own style sheet. */
  readonly style?: string;
}

/** A file of its own. */
const alone: SvgLook = { colours: onWhite, style: darkRules() };

/** The text of an `.svg` file, or of an element of a page. */
export const renderSvg = (drawing: Drawing, look: SvgLook = alone): string => {
  const { colours, attributes, style } = look;
  const layout = layOut(
    drawing.boxes.map(({ id, lines }) => ({ id, ...sizeOf(lines) })),
    drawing.arrows.map(({ from, to, lines }) => ({ from, to, ...sizeOf(lines) })),
  );
  const width = Math.ceil(Math.max(layout.width, sizeOf([drawing.title]).width + 24));
  const height = Math.ceil(layout.height + footer);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"${attributes === undefined ? '' : ` ${attributes(width)}`} font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="12">`,
    `<title>${escapeXml(drawing.title)}</title>`,
    ...(style === undefined ? [] : [`<style>${style}</style>`]),
    `<defs>${[...new Set(drawing.arrows.map(({ tone }) => tone))].map((tone) => arrowHead(tone, colours)).join('')}</defs>`,
    `<rect width="100%" height="100%" fill="${colours.ground}"/>`,
    ...drawing.arrows.map((arrow, index) => line(arrow, layout, index, colours)),
    ...drawing.arrows.map((arrow, index) =>
      plate(arrow, placeIn(layout.labels, index), labelLook(colours), colours),
    ),
    ...drawing.boxes.map((box, index) =>
      plate(box, placeIn(layout.boxes, index), boxLook(box, colours), colours),
    ),
    text(drawing.title, 24, height - 14, `fill="${colours.tones.plain}" font-size="11"`),
    '</svg>',
    '',
  ].join('\n');
};

const sizeOf = (lines: readonly string[]): Size => ({
  width:
    Math.max(...lines.map((each, index) => textWidth(cut(each, longest), index === 0))) +
    padding * 2,
  height: lines.length * lineHeight + padding * 2 - 3,
});

/** Generous, since the font is the reader's: what is wide in Unicode counts as wide. */
const textWidth = (text: string, bold: boolean): number =>
  Array.from(text).reduce((sum, character) => sum + characterWidth(character), 0) *
  (bold ? 1.1 : 1);

const characterWidth = (character: string): number => {
  if (
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Extended_Pictographic}/u.test(
      character,
    )
  )
    return 13;
  if (/\p{M}/u.test(character)) return 0;
  return /[A-ZMWmw@%]/.test(character) ? 9.6 : 7.3;
};

const placeIn = (places: readonly Place[], index: number): Place =>
  places[index] ?? { left: 0, top: 0, width: 0, height: 0 };

const arrowHead = (tone: Tone, { tones }: Colours): string =>
  `<marker id="head-${tone}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 1 10 5 0 9z" fill="${tones[tone]}"/></marker>`;

const line = ({ tone }: Arrow, { lines }: Layout, index: number, { tones }: Colours): string =>
  `<path d="${pathOf(lines[index] ?? [])}" fill="none" stroke="${tones[tone]}" stroke-width="1.5" marker-end="url(#head-${tone})"/>`;

const pathOf = (points: readonly Point[]): string =>
  points
    .map(({ x, y }, index) => {
      const before = points[index - 1];
      if (before === undefined) return `M${round(x)} ${round(y)}`;
      if (before.y === y) return before.x === x ? '' : `H${round(x)}`;
      const half = round((before.x + x) / 2);
      return `C${half} ${round(before.y)} ${half} ${round(y)} ${round(x)} ${round(y)}`;
    })
    .join('');

const round = (number: number): number => Math.round(number * 10) / 10;

const labelLook = ({ ground, rim }: Colours): string => `rx="4" fill="${ground}" stroke="${rim}"`;

const boxLook = ({ tone, outside }: Box, { box, tones }: Colours): string =>
  `rx="8" fill="${box}" stroke="${tones[tone]}" stroke-width="1.5"${outside ? ' stroke-dasharray="4"' : ''}`;

/** A rectangle with its lines in the middle; the whole text is its tooltip. */
const plate = (
  { lines, tone }: Pick<Box, 'lines' | 'tone'>,
  { left, top, width, height }: Place,
  look: string,
  { tones, ink }: Colours,
): string => {
  const first = top + (height - lines.length * lineHeight) / 2 + 11.5;
  const rows = lines.map((each, index) => {
    const isLast = index === lines.length - 1 && index > 0;
    const style =
      index === 0
        ? `fill="${ink}" font-weight="600"`
        : `fill="${isLast ? tones[tone] : tones.plain}"`;
    const y = first + index * lineHeight;
    return text(cut(each, longest), left + width / 2, y, `${style} text-anchor="middle"`);
  });
  const frame = `<rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" ${look}/>`;
  return `<g><title>${escapeXml(lines.join('\n'))}</title>${frame}${rows.join('')}</g>`;
};

const text = (content: string, x: number, y: number, style: string): string =>
  `<text x="${round(x)}" y="${round(y)}" ${style}>${escapeXml(content)}</text>`;

/** Also what a cut left of a character of two halves. */
const escapeXml = (content: string): string =>
  escapeMarkup(content.replace(/\p{Cs}/gu, '\u{fffd}'));
