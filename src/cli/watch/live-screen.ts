// The screen in a terminal: the one component of ink. Loaded by steep watch alone, and only where it draws.

import { Box, type Key, render, Text, useInput, useWindowSize } from 'ink';
import {
  createElement,
  type ReactElement,
  useCallback,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { WatchState } from '../../model/watch/watch-state.ts';
import type { Style } from '../render/style.ts';
import type { ActionState } from './actions/action-state.ts';
import type { WatchActions } from './actions/watch-actions.ts';
import { pressOnScreen } from './keyboard.ts';
import { paintLine } from './paint.ts';
import { screenLines } from './screen.ts';
import type { Glyphs } from './screen-line.ts';
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

/** One line less than the terminal has: a full one would scroll, and all of it be written again. */
const drawnRows = (rows: number): number => Math.max(1, rows - 1);

const blockHeight = 8;

/**
 * The title, which has the time, and the other lines by some. ink keeps the last 4096 texts that it has measured for as long
 * as it runs: of whole screens, these would be a hundred megabytes after an hour.
 */
const blocksOf = (screen: string): readonly string[] => {
  const [title = '', ...lines] = screen.split('\n');
  const count = Math.ceil(lines.length / blockHeight);
  const blocks = Array.from({ length: count }, (_, index) =>
    lines.slice(index * blockHeight, (index + 1) * blockHeight).join('\n'),
  );
  return [title, ...blocks];
};

/** What the text of the screen is made of. */
interface Seen {
  readonly state: WatchState;
  readonly action: ActionState | null;
  readonly ui: UiState;
  readonly columns: number;
  readonly rows: number;
}

const isSame = (a: Seen, b: Seen): boolean =>
  (Object.keys(a) as (keyof Seen)[]).every((key) => a[key] === b[key]);

/** The text of the screen. To draw takes much longer than to write it: it is drawn only where it has changed. */
const useScreenText = (
  { feed, actions, style, glyphs, note }: LiveScreenOptions,
  chosen: Pick<Seen, 'ui' | 'columns' | 'rows'>,
): string => {
  const painted = useRef<{ readonly of: Seen; readonly text: string } | null>(null);
  const subscribe = useCallback(
    (onChange: () => void) => {
      const ends = [feed.subscribe(onChange), actions.subscribe(onChange)];
      return () => {
        for (const end of ends) end();
      };
    },
    [feed, actions],
  );
  return useSyncExternalStore(subscribe, () => {
    const of = { ...chosen, state: feed.state(), action: actions.state() };
    if (painted.current === null || !isSame(of, painted.current.of)) {
      const { state, ui, ...options } = of;
      const lines = screenLines(state, ui, { ...options, glyphs, ...(note !== null && { note }) });
      painted.current = { of, text: lines.map((line) => paintLine(line, style)).join('\n') };
    }
    return painted.current.text;
  });
};

export const LiveScreen = (given: LiveScreenOptions): ReactElement => {
  const { feed, actions, glyphs, onQuit } = given;
  const [ui, setUi] = useState(firstScreen);
  // The next key may come before this one is drawn.
  const chosen = useRef(firstScreen);
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
  const texts = blocksOf(useScreenText(given, { ...shown, ui })).map((block, key) =>
    // An empty one would have no height.
    createElement(Text, { key, wrap: 'truncate-end' }, block === '' ? ' ' : block),
  );
  return createElement(Box, { flexDirection: 'column' }, ...texts);
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
