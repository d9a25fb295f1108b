// The component of steep watch, drawn by ink into a terminal that a test reads.

import { PassThrough } from 'node:stream';
import { render } from 'ink';
import { createElement } from 'react';
import { onTestFinished } from 'vitest';
import { plainStyle } from '../../src/cli/render/style.ts';
import {
  WatchActions,
  type WatchActionsOptions,
} from '../../src/cli/watch/actions/watch-actions.ts';
import { LiveScreen, liveOptions } from '../../src/cli/watch/live-screen.ts';
import { asciiGlyphs } from '../../src/cli/watch/screen-line.ts';
import { makeWatchFeed } from '../../src/cli/watch/watch-feed.ts';
import { terminalScreen } from './terminal-screen.ts';

export interface DrawnWatchOptions {
  readonly columns: number;
  readonly rows: number;
  readonly note?: string;
  readonly actions?: WatchActionsOptions;
}

const noActions: WatchActionsOptions = { forbidden: 'not here', perform: async () => '' };

export const drawWatch = ({ columns, rows, note, actions = noActions }: DrawnWatchOptions) => {
  const feed = makeWatchFeed();
  const screen = terminalScreen(columns, rows);
  const stdout = Object.assign(new PassThrough(), { columns, rows, isTTY: true });
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  const quits: string[] = [];
  let written = '';
  stdout.on('data', (data) => {
    written += String(data);
    screen.write(String(data));
  });
  const made = new WatchActions(actions);
  const app = render(
    createElement(LiveScreen, {
      feed,
      actions: made,
      style: plainStyle,
      glyphs: asciiGlyphs,
      note: note ?? null,
      onQuit: (how) => void quits.push(how),
    }),
    {
      ...liveOptions,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stdin: stdin as unknown as NodeJS.ReadStream,
    },
  );
  onTestFinished(() => app.unmount());
  return {
    feed,
    screen,
    actions: made,
    quits,
    text: () => screen.lines().join('\n'),
    type: (keys: string) => stdin.write(keys),
    /** What was written since the last call. */
    written: (): string => {
      const text = written;
      written = '';
      return text;
    },
    resize: (wide: number, high: number) => {
      Object.assign(stdout, { columns: wide, rows: high });
      screen.resize(wide, high);
      stdout.emit('resize');
    },
  };
};
