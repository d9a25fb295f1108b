// steep watch without a terminal, or for a screen reader: a block of text, written again whenever it has changed.

import type { Style } from '../render/style.ts';
import { paintLine } from './paint.ts';
import { plainLines, type ScreenOptions } from './screen.ts';
import { lineText } from './screen-line.ts';
import type { WatchFeed } from './watch-feed.ts';

/** Milliseconds between two looks at what has changed. */
const writeAtMostEvery = 250;

export interface PlainBlockOptions {
  readonly feed: WatchFeed;
  readonly screen: ScreenOptions;
  readonly style: Style;
  readonly write: (block: string) => void;
}

/** As it is now. */
export const plainBlock = ({ feed, screen, style }: Omit<PlainBlockOptions, 'write'>): string =>
  plainLines(feed.state(), screen)
    .map((line) => paintLine(line, style).trimEnd())
    .join('\n');

/** Returns what ends it, after a last look. */
export const startPlainBlock = (options: PlainBlockOptions): (() => void) => {
  const { feed, screen, write } = options;
  let written = '';
  const look = (): void => {
    if (feed.state().now === 0) return;
    // The title has the time, which always changes.
    const text = plainLines(feed.state(), screen).slice(1).map(lineText).join('\n');
    if (text === written) return;
    written = text;
    write(plainBlock(options));
  };
  const timer = setInterval(look, writeAtMostEvery);
  return () => {
    clearInterval(timer);
    look();
  };
};
