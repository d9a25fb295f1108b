// The screen of steep watch over recorded events: views, keys, narrow and wide.

import { expect, test } from 'vitest';
import { screenPage } from '../../../../src/cli/watch/paint.ts';
import { recordedLine } from '../../../../src/cli/watch/recording.ts';
import { plainLines, screenLines, shownView } from '../../../../src/cli/watch/screen.ts';
import {
  asciiGlyphs,
  glyphsFor,
  lineText,
  unicodeGlyphs,
  widthOf,
} from '../../../../src/cli/watch/screen-line.ts';
import { firstScreen, pressKey, type UiState } from '../../../../src/cli/watch/ui-state.ts';
import { noteSecret } from '../../../../src/model/known-secrets.ts';
import type { WatchEvent } from '../../../../src/model/watch/watch-event.ts';
import { nothingSeen, reduceWatch } from '../../../../src/model/watch/watch-state.ts';
import { eventsIn } from '../../../../src/workflows/watch/replay.ts';
import { nodeLook, watched } from '../../../support/plans/watched.ts';

const state = reduceWatch(nothingSeen, watched);
const wide = { columns: 120, rows: 20, glyphs: asciiGlyphs };

/** Enter, Esc and arrows by name in brackets; other characters as they are. */
const pressed = (keys: string): UiState => {
  const presses = keys.match(/<\w+>|./g) ?? [];
  return presses.reduce((ui: UiState, key) => {
    const name = /^<(.*)>$/.exec(key)?.[1] as 'enter' | 'escape' | 'down' | undefined;
    const press = { name: name ?? null, text: name === undefined ? key : '' };
    return pressKey(ui, press, shownView(state, ui, asciiGlyphs)) ?? ui;
  }, firstScreen);
};

const screen = (keys: string, size = wide): string =>
  screenLines(state, pressed(keys), size).map(lineText).join('\n');

test('a node that does not answer is a row, with the reason under the cursor', () => {
  const text = screen('<down><down>');
  expect(text).toMatch(/steep watch {2}3 nodes, 2 edges {2}UNKNOWN .*12:00:06 UTC/);
  expect(text).toMatch(/^> search +14\.9 .*NOT READ/m);
  expect(text).toContain('Node search has not answered for 3 s. (UNREACHABLE)');
  expect(text).toMatch(/^ {2}reporting +16\.4 +primary +copying .* 42% ETA 58/m);
});

test('nothing is said to be well before every node was read', () => {
  const title = (events: readonly WatchEvent[]): string => {
    const [line = []] = screenLines(reduceWatch(nothingSeen, events), firstScreen, wide);
    return lineText(line);
  };
  const at = Date.parse('2026-01-31T12:00:00Z');
  const started = { event: 'watch.started', at, nodes: ['primary'], maxLag: 0 } as const;
  const look = { event: 'watch.node', at, node: 'primary', look: nodeLook(), log: [] } as const;
  const read = { event: 'watch.introspected', at } as const;
  const events = [started, look, read] as unknown as readonly WatchEvent[];
  expect(title(events.slice(0, 1))).toContain('1 node, 0 edges  connecting');
  expect(title(events.slice(0, 2))).toContain('1 node, 0 edges  connecting');
  expect(title(events)).toContain('1 node, 0 edges  ok');
});

test('keys lead into a node, its edges and their tables, and out again', () => {
  expect(screen('<down><enter>')).toMatch(/2 EDGES .*reporting\n.*\n> sales +primary -> reporting/);
  expect(pressed('<down><enter><enter>')).toMatchObject({
    view: 'tables',
    edge: 'reporting/sales',
  });
  expect(pressed('<down><enter><enter><escape><escape>')).toMatchObject({
    view: 'nodes',
    edge: null,
  });
  expect(pressed('2/ite<enter>').filter).toBe('ite');
  expect(screen('2/ite<enter>')).not.toContain('sales');
  expect(
    pressKey(firstScreen, { name: null, text: 'q' }, shownView(state, firstScreen, asciiGlyphs)),
  ).toBeNull();
});

test('the other views', () => {
  expect(screen('4')).toMatch(
    /sales +primary +logical +yes +reserved +6\.0 MB|sales +primary .*5\.7 MB/,
  );
  expect(screen('5')).toMatch(/initial copy +reporting\/sales +copying +####------ +42%/);
  expect(screen('5')).toMatch(/queued verify +reporting 7 +NO WORKER/);
  expect(screen('5<down><down>')).toMatch(
    /> queued init +reporting 8 +FAILED[\s\S]*Queued by dba, attempt 3 of 3, steep worker h 42[\s\S]*SLOT_LOST: Slot sales was lost\.\n +steep ops status 8 --node reporting/,
  );
  expect(screen('2D')).toMatch(/Initialization of reporting\/sales from primary[\s\S]*COPYING/);
  expect(screen('?')).toMatch(/q, Ctrl-C +ends steep watch/);
  expect(screen('<down><down>6')).toContain('copying -> ready \\x1b[2J');
});

test('tables that are copied again are told from those that continue; both phases of two are rows', () => {
  const edge = state.edges.get('reporting/sales');
  const { facts } = edge?.looks.at(-1) ?? {};
  if (facts?.init == null) throw new Error('sales is not copied');
  const at = state.now + 1000;
  const [init, tables] = [facts.init, edge?.tables ?? []];
  const again = {
    ...facts,
    initState: 'reinitializing',
    init: { ...init, state: 'reinitializing' },
  };
  const applied = { ...facts, init: { ...init, method: 'two_phase' } };
  const generating = {
    snapshotId: 'daily',
    location: 's3://bucket/daily',
    status: 'generating',
    phase: 'copying',
    silent: false,
    error: null,
    tablesTotal: 4,
    tablesDone: 1,
    rows: 10,
    bytesTotal: 100,
    bytesDone: 25,
    storedBytes: 10,
  } as const;
  const shown = (keys: string, ...events: readonly object[]): string => {
    const next = reduceWatch(state, events as readonly WatchEvent[]);
    return screenLines(next, pressed(keys), wide).map(lineText).join('\n');
  };
  const tablesText = shown('2<enter>', { event: 'watch.edge', at, facts: again, tables });
  expect(tablesText).toMatch(/public\.customers +ready, continues/);
  expect(tablesText).toMatch(/public\.orders +re-initialized/);
  const look = nodeLook({ snapshots: [generating] });
  const operations = shown(
    '5',
    { event: 'watch.edge', at, facts: applied, tables },
    { event: 'watch.node', at, node: 'primary', look, log: [] },
  );
  expect(operations).toMatch(/snapshot generation +daily +copying +###------- +25% +1\/4/);
  expect(operations).toMatch(/snapshot application +reporting\/sales +copying +####------ +42%/);
});

test.each([
  [60, 15],
  [80, 24],
  [300, 80],
])('a terminal of %i x %i is filled, and nothing is longer than it is wide', (columns, rows) => {
  for (const keys of ['', '2', '3', '4', '5', '6', '?', '2D']) {
    const lines = screenLines(state, pressed(keys), { columns, rows, glyphs: unicodeGlyphs });
    expect(lines).toHaveLength(rows);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
  }
});

test('characters that every terminal has, unless the locale is UTF-8', () => {
  expect(glyphsFor({ LANG: 'en_US.UTF-8', TERM: 'xterm' })).toBe(unicodeGlyphs);
  expect(glyphsFor({ LC_ALL: 'C', LANG: 'en_US.UTF-8' })).toBe(asciiGlyphs);
});

test('a recording holds what was seen; half a last line is left out', () => {
  const text = watched.map(recordedLine).join('');
  expect(eventsIn('file', text)).toEqual(watched);
  expect(eventsIn('file', `${text}{"event":"watch.nod`)).toEqual(watched);
  expect(() => eventsIn('file', `${text}{"event":"other","at":1}\n`)).toThrow(
    'line 10 is no event',
  );
  expect(() => eventsIn('file', text.replace('"version":1', '"version":2'))).toThrow(
    'newer version',
  );
  expect(() => eventsIn('file', '')).toThrow('line 1 does not begin a recording');
});

test.each<[string, RegExp, string]>([
  ['a position', /"restart_lsn":"[^"]*"/, '"restart_lsn":"zz"'],
  ['a list', /"slots":\[/, '"slots":{},"others":['],
  ['a name', /"node":"[^"]*"/, '"node":7'],
  ['the names of all nodes', /"nodes":\[[^\]]*\]/, '"nodes":[null]'],
])('a recording that was changed by hand: %s', (_what, was, is) => {
  const text = watched.map(recordedLine).join('');
  expect(text).toMatch(was);
  expect(() => eventsIn('file', text.replace(was, is))).toThrow(
    /^file cannot be played: line \d+ is no event of steep watch: .+\.$/,
  );
});

test('a recording has no secret and no raw control character, and is played as it was', () => {
  noteSecret('hunter2-in-a-message');
  const hostile = '\u001b[2J\u009b31m\r\n\u202e\u2028 hunter2-in-a-message';
  const [started, ...others] = watched;
  const lost: WatchEvent = {
    event: 'watch.node_lost',
    at: others.at(-1)?.at ?? 0,
    node: 'search',
    code: 'UNREACHABLE',
    message: hostile,
  };
  const events = [started, lost].flatMap((event) => (event === undefined ? [] : [event]));
  const text = events.map(recordedLine).join('');
  expect(text).not.toContain('hunter2');
  expect(text.replaceAll('\n', '')).toMatch(/^[ -~]*$/);
  const [, played] = eventsIn('file', text);
  expect(played).toEqual({ ...lost, message: hostile.replace('hunter2-in-a-message', '***') });
  const shown = screenLines(reduceWatch(nothingSeen, [started ?? lost, lost]), firstScreen, wide);
  expect(shown.map(lineText).join('')).toMatch(/^[ -~]*$/);
});

test('the page is the screen, escaped', () => {
  const lines = plainLines(state, wide);
  const page = screenPage(lines, 'steep 0.1.0');
  expect(page).toContain('primary -&gt; reporting');
  expect(page).toContain('NOT READ');
});

test('the smallest screen has every key, and the view that is shown', () => {
  const small = { columns: 60, rows: 14, glyphs: asciiGlyphs };
  const help = screen('?', small);
  expect(help).toMatch(/q, Ctrl-C +ends steep watch/);
  expect(help).toMatch(/R, V +re-initializes/);
  expect(help).not.toContain(asciiGlyphs.more);
  for (const [key, title] of ['NODES', 'EDGES', 'TABLES', 'SLOTS', 'OPERATIONS', 'LOG'].entries()) {
    const [, tabs = '', ...rest] = screen(String(key + 1), small).split('\n');
    expect(tabs).toContain(`${key + 1} ${title}`);
    expect(rest.at(-1)).not.toContain(asciiGlyphs.more);
  }
});
