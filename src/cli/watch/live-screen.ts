// The screen in a terminal: the one component of ink. Loaded by steep watch alone, and only where it draws.

import { type Key, render, useInput, useStdout, useWindowSize } from 'ink';
import { createElement, useLayoutEffect, useRef, useState } from 'react';
import type { Style } from '../render/style.ts';
import type { WatchActions } from './actions/watch-actions.ts';
import { changedLines } from './changed-lines.ts';
import { pressOnScreen } from './keyboard.ts';
import { type ScreenSize, screenLines } from './screen.ts';
import type { Glyphs, ScreenLine } from './screen-line.ts';
import { firstScreen, type KeyName, type KeyPress, type UiState } from './ui-state.ts';
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

/** One line less than the terminal has: what ink writes at its end does not scroll. */
const drawnRows = (rows: number): number => Math.max(1, rows - 1);

/** Milliseconds between two screens that no key has asked for. */
const drawEvery = 100;

interface Drawing {
  /** Where the terminal shows something else, all of it. */
  readonly draw: (ui: UiState, size: ScreenSize) => void;
  /** What was drawn last, as it is now; soon. */
  readonly drawAgain: () => void;
  readonly end: () => void;
}

const makeDrawing = (
  { feed, actions, style, glyphs, note }: LiveScreenOptions,
  write: (text: string) => void,
): Drawing => {
  let drawn: { readonly lines: readonly ScreenLine[]; ui: UiState; size: ScreenSize } | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  const draw: Drawing['draw'] = (ui, size) => {
    const isResized = drawn?.size.columns !== size.columns || drawn.size.rows !== size.rows;
    const options = { ...size, glyphs, action: actions.state(), ...(note !== null && { note }) };
    const lines = screenLines(feed.state(), ui, options);
    const text = changedLines(isResized ? null : (drawn?.lines ?? null), lines, style);
    drawn = { lines, ui, size };
    drawnAt = performance.now();
    if (text !== '') write(text);
  };
  const drawSoon = (): void => {
    timer = null;
    if (drawn !== null) draw(drawn.ui, drawn.size);
  };
  return {
    draw,
    drawAgain: () => {
      timer ??= setTimeout(drawSoon, Math.max(0, drawnAt + drawEvery - performance.now()));
    },
    end: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
};

/** ink has the keys, the size and the state of the terminal; the lines are written beside it. */
export const LiveScreen = (given: LiveScreenOptions): null => {
  const { feed, actions, glyphs, onQuit } = given;
  const [ui, setUi] = useState(firstScreen);
  // The next key may come before this one is drawn.
  const chosen = useRef(firstScreen);
  const { stdout } = useStdout();
  const [drawing] = useState(() => makeDrawing(given, (text) => void stdout.write(text)));
  const { columns, rows } = useWindowSize();
  const shown = { columns, rows: drawnRows(rows) };
  useInput((text, key) => {
    if (key.ctrl && text === 'c') onQuit('interrupted');
    for (const press of pressesOf(text, key)) {
      const next = pressOnScreen(chosen.current, press, feed.state(), actions, {
        ...shown,
        glyphs,
      });
      if (next === null) onQuit('quit');
      else chosen.current = next;
    }
    setUi(chosen.current);
  });
  useLayoutEffect(() => drawing.draw(ui, shown));
  useLayoutEffect(() => {
    const ends = [feed, actions].map((changing) => changing.subscribe(drawing.drawAgain));
    return () => {
      for (const end of [...ends, drawing.end]) end();
    };
  }, [feed, actions, drawing]);
  return null;
};

/** A screen of its own, and nothing of ours is printed by ink. */
export const liveOptions = {
  exitOnCtrlC: false,
  patchConsole: false,
  interactive: true,
  alternateScreen: true,
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
