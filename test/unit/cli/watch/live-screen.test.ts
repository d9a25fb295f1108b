// What steep watch writes to a terminal, drawn by ink itself: keys, sizes, and how little an unchanged screen takes.

import { expect, test } from 'vitest';
import { plainStyle } from '../../../../src/cli/render/style.ts';
import { changedLines } from '../../../../src/cli/watch/changed-lines.ts';
import { screenLines } from '../../../../src/cli/watch/screen.ts';
import { asciiGlyphs, lineText, span } from '../../../../src/cli/watch/screen-line.ts';
import { firstScreen } from '../../../../src/cli/watch/ui-state.ts';
import { noteSecret } from '../../../../src/model/known-secrets.ts';
import { drawWatch } from '../../../support/drawn-watch.ts';
import { nodeLook, watched } from '../../../support/plans/watched.ts';

const within = { timeout: 10_000 };

test('the component draws what is fed, and keys change it', async () => {
  const watch = drawWatch({ columns: 100, rows: 30, note: 'recording x' });
  const shows = (text: string) => expect.poll(watch.text, within).toContain(text);
  for (const event of watched) watch.feed.take(event);
  await shows('NOT READ');
  await shows('recording x');
  watch.type('2');
  await shows('primary -> reporting');
  watch.type('q');
  watch.type('\u0003');
  await expect.poll(() => watch.quits).toEqual(['quit', 'interrupted']);
});

test('a terminal that is resized shows the whole screen, and nothing of the one before', async () => {
  const watch = drawWatch({ columns: 60, rows: 15 });
  for (const event of watched) watch.feed.take(event);
  watch.feed.flush();
  watch.type('2');
  for (const [columns, rows] of [
    [60, 15],
    [300, 80],
    [80, 24],
    [200, 20],
    [60, 15],
  ] as const) {
    watch.resize(columns, rows);
    const size = { columns, rows: rows - 1, glyphs: asciiGlyphs };
    const wanted = screenLines(watch.feed.state(), { ...firstScreen, view: 'edges' }, size);
    await expect
      .poll(watch.screen.lines, within)
      .toEqual([...wanted.map(lineText), ''].slice(0, rows));
  }
  expect(watch.screen.overflows).toEqual([]);
});

test('of a screen that has not changed nothing is written, and of one line that line alone', async () => {
  const watch = drawWatch({ columns: 120, rows: 40 });
  for (const event of watched) watch.feed.take(event);
  watch.feed.flush();
  await expect.poll(watch.text, within).toContain('NOT READ');
  const [last] = watched.slice(-1);
  const at = last?.at ?? 0;
  const look = nodeLook({ version: '16.4' });
  const again = (ms: number) =>
    watch.feed.take({ event: 'watch.node', at: at + ms, node: 'reporting', look, log: [] });
  watch.written();

  again(10);
  watch.feed.flush();
  again(1000);
  watch.feed.flush();
  await expect.poll(watch.text, within).toContain('12:00:07 UTC');
  const esc = '\u001b';
  expect(watch.written()).toBe(
    `${esc}[?2026h${esc}[?7l${esc}[1;109H${esc}[K12:00:07 UTC${esc}[40;1H${esc}[?7h${esc}[?2026l`,
  );
});

test('a line with wide characters is written whole, and so is one with a secret across its parts', () => {
  noteSecret('first-and-second');
  const written = (head: string, tail: string): string => {
    const line = (end: string) => [span(head), span(end)];
    return changedLines([line('before')], [line(tail)], plainStyle);
  };
  expect(written('name ', 'after')).toContain('[1;6H\u001b[Kafter');
  expect(written('名 ', 'after')).toContain('[1;1H\u001b[K名 after');
  expect(written('first-and-', 'second')).toContain('[1;1H\u001b[K***');
});
