// Pictures of the screen of steep watch, drawn by its own code from a recording: they show what it shows now.

import { readFileSync } from 'node:fs';
import { consentQuestion } from '../../src/cli/approve.ts';
import { plannedText } from '../../src/cli/watch/actions/action-report.ts';
import { asked, begun, said } from '../../src/cli/watch/actions/action-state.ts';
import { styledLines } from '../../src/cli/watch/actions/styled-lines.ts';
import { screenLines, shownView } from '../../src/cli/watch/screen.ts';
import { type Role, type ScreenLine, unicodeGlyphs } from '../../src/cli/watch/screen-line.ts';
import { firstScreen, type KeyName, pressKey, type UiState } from '../../src/cli/watch/ui-state.ts';
import type { WatchAction } from '../../src/model/watch/watch-action.ts';
import { nothingSeen, reduceWatch, type WatchState } from '../../src/model/watch/watch-state.ts';
import { missingConsent } from '../../src/run/consent.ts';
import { eventsIn } from '../../src/workflows/watch/replay.ts';
import { again, file, orders, running } from '../../test/support/worlds/running-edges.ts';
import { planOf } from '../../test/support/worlds/worlds.ts';

const recording = 'docs/pictures/watch.ndjson';

/** The picture, and the keys that lead to it: names in brackets, other characters as they are. */
const views: Readonly<Record<string, string>> = {
  nodes: '<down>',
  edges: '2<down>',
  tables: '2<down><enter><down> ',
  slots: '4',
  operations: '5',
  log: '6',
  progress: '2<down>D',
};

const columns = 112;
const rows = 14;
/** A plan is longer than most views. */
const changeRows = 30;
const cell = { width: 8, height: 18 } as const;
const margin = 10;

const colours: Readonly<Record<Role, string>> = {
  plain: '#d8dee9',
  good: '#8fd694',
  bad: '#ff8f88',
  caution: '#f0c674',
  dim: '#8f98a8',
  bold: '#ffffff',
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Blocks of bars and sparklines: how high each is, and how dense. Few fonts have them. */
const blocks: ReadonlyMap<string, readonly [height: number, opacity: number]> = new Map([
  ...Array.from(unicodeGlyphs.sparks, (glyph, index): [string, [number, number]] => [
    glyph,
    [(index + 1) / unicodeGlyphs.sparks.length, 1],
  ]),
  [unicodeGlyphs.empty, [1, 0.25]],
]);

/** Words with one space between them, or blocks. */
const pieces = new RegExp(
  `[${[...blocks.keys()].join('')}]|[^\\s${[...blocks.keys()].join('')}]+(?: [^\\s${[...blocks.keys()].join('')}]+)*`,
  'g',
);

interface Piece {
  readonly text: string;
  readonly role: Role;
  readonly x: number;
  readonly y: number;
}

const pieceMarkup = ({ text, role, x, y }: Piece): string => {
  const block = blocks.get(text);
  if (block !== undefined) {
    const [height, opacity] = block;
    const high = Math.round(height * 13);
    return `<rect x="${x}" y="${y + 15 - high}" width="${cell.width - 1}" height="${high}" fill="${colours[role]}" opacity="${opacity}"/>`;
  }
  const weight = role === 'bold' || role === 'bad' ? ' font-weight="bold"' : '';
  const length = text.length * cell.width;
  return `<text x="${x}" y="${y + 13}" fill="${colours[role]}"${weight} textLength="${length}" lengthAdjust="spacingAndGlyphs">${escaped(text)}</text>`;
};

/** Each part is as wide as its characters, whatever the font of the reader. */
const lineMarkup = (spans: ScreenLine, row: number): readonly string[] => {
  let column = 0;
  const y = margin + row * cell.height;
  return spans.flatMap(({ text, role }) => {
    const from = column;
    column += text.length;
    return [...text.matchAll(pieces)].map((match) =>
      pieceMarkup({ text: match[0], role, x: margin + (from + match.index) * cell.width, y }),
    );
  });
};

/** As an image, without anything that a page would have to load. */
const svg = (title: string, lines: readonly ScreenLine[]): string => {
  const width = columns * cell.width + 2 * margin;
  const height = lines.length * cell.height + 2 * margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="6" fill="#1f2430"/>`,
    ...lines.flatMap(lineMarkup),
    '</svg>\n',
  ].join('\n');
};

const pressed = (state: WatchState, keys: string): UiState =>
  (keys.match(/<\w+>|./g) ?? []).reduce((ui: UiState, key) => {
    const name = (/^<(.*)>$/.exec(key)?.[1] as KeyName | undefined) ?? null;
    const press = { name, text: name === null ? key : '' };
    return pressKey(ui, press, shownView(state, ui, unicodeGlyphs)) ?? ui;
  }, firstScreen);

const watched = (): WatchState =>
  reduceWatchAll(eventsIn(recording, readFileSync(recording, 'utf8')));

/** One after the other, as they came: rates and verdicts depend on it. */
const reduceWatchAll = (events: ReturnType<typeof eventsIn>): WatchState =>
  events.reduce((state, event) => reduceWatch(state, [event]), nothingSeen);

/** R, with one table marked: a recording has no plans, so that this one is made here. */
const changeLines = (): readonly ScreenLine[] => {
  const state = watched();
  const plan = planOf(file(), running, again(orders));
  const place = { node: 'reporting', source: 'primary', subscription: 'feed' };
  const change: WatchAction = { ...place, kind: 'reinitialize', tables: ['public.orders'] };
  const [danger] = missingConsent(plan, { allowed: [], strict: false });
  const action = asked(
    said(begun(change), styledLines(plannedText(plan))),
    danger === undefined ? '' : consentQuestion(danger),
  );
  const size = { columns, rows: changeRows, glyphs: unicodeGlyphs };
  return screenLines(state, { ...firstScreen, overlay: 'action' }, { ...size, action });
};

const pictureOf = (name: string): string => `docs/pictures/watch-${name}.svg`;

/** Path of a picture → how it is drawn. */
export const watchPictures: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    Object.entries(views).map(([name, keys]) => [
      pictureOf(name),
      () => {
        const state = watched();
        const size = { columns, rows, glyphs: unicodeGlyphs };
        return svg(`steep watch: ${name}`, screenLines(state, pressed(state, keys), size));
      },
    ]),
  ),
  [pictureOf('change')]: () => svg('steep watch: change', changeLines()),
};
