// The screen in a terminal: the one component of ink. Loaded by steep watch alone, and only where it draws.

import { type Key, render, Text, useInput, useWindowSize } from 'ink';
import { createElement, type ReactElement, useRef, useState, useSyncExternalStore } from 'react';
import type { Style } from '../render/style.ts';
import type { WatchActions } from './actions/watch-actions.ts';
import { pressOnScreen } from './keyboard.ts';
import { paintLine } from './paint.ts';
import { screenLines } from './screen.ts';
import type { Glyphs } from './screen-line.ts';
import { firstScreen, type KeyName, type KeyPress } from './ui-state.ts';
import type { WatchFeed } from './watch-feed.ts';

export interface LiveScreenOptions {
  readonly feed: WatchFeed;
  readonly actions: WatchActions;
  readonly style: Style;
  readonly glyphs: Glyphs;
  /** In the title: what is played. */
  readonly note: string | null;
  /** The user wants to leave. */
  readonly onQuit: (how: 'quit' | 'interrupted') => void;
}

const keyNames: Readonly<Partial<Record<keyof Key, KeyName>>> = {
  upArrow: 'up',
  downArrow: 'down',
  leftArrow: 'left',
  rightArrow: 'right',
  pageUp: 'pageUp',
  pageDown: 'pageDown',
  home: 'home',
  end: 'end',
  tab: 'tab',
  return: 'enter',
  escape: 'escape',
  backspace: 'backspace',
  delete: 'backspace',
};

const controls: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
};

const pressOf = (character: string): KeyPress => {
  const name = controls[character] ?? null;
  return { name, text: name === null ? character : '' };
};

/** Keys that arrive together are one text; each of its characters is a key. */
const pressesOf = (text: string, key: Key): readonly KeyPress[] => {
  const [name] = Object.entries(keyNames).flatMap(([field, known]) =>
    key[field as keyof Key] === true ? [known] : [],
  );
  if (name !== undefined) return [{ name, text: '' }];
  return key.ctrl || key.meta ? [] : Array.from(text, pressOf);
};

/** One line less than the terminal has: a full one would scroll, and all of it be written again. */
const drawnRows = (rows: number): number => Math.max(1, rows - 1);

export const LiveScreen = ({
  feed,
  actions,
  style,
  glyphs,
  note,
  onQuit,
}: LiveScreenOptions): ReactElement => {
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  const action = useSyncExternalStore(actions.subscribe, actions.state);
  const [ui, setUi] = useState(firstScreen);
  // The next key may come before this one is drawn.
  const chosen = useRef(firstScreen);
  const { columns, rows } = useWindowSize();
  const size = { columns, rows: drawnRows(rows), glyphs };
  useInput((text, key) => {
    if (key.ctrl && text === 'c') onQuit('interrupted');
    for (const press of pressesOf(text, key)) {
      const next = pressOnScreen(chosen.current, press, feed.state(), actions, size);
      if (next === null) onQuit('quit');
      else chosen.current = next;
    }
    setUi(chosen.current);
  });
  const options = { ...size, action, ...(note !== null && { note }) };
  const painted = screenLines(state, ui, options).map((line) => paintLine(line, style));
  return createElement(Text, { wrap: 'truncate-end' }, painted.join('\n'));
};

/** How ink draws: only what has changed, on a screen of its own. */
export const liveOptions = {
  exitOnCtrlC: false,
  patchConsole: false,
  interactive: true,
  alternateScreen: true,
  incrementalRendering: true,
  maxFps: 10,
} as const;

/** Draws until it is closed; the terminal is then as it was, after a crash too. */
export const openLiveScreen = (options: LiveScreenOptions): { close: () => Promise<void> } => {
  const screen = render(createElement(LiveScreen, options), liveOptions);
  return {
    close: async () => {
      screen.unmount();
      await screen.waitUntilExit();
    },
  };
};
