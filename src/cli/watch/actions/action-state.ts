// A change that is made from the screen, as a value: what was said of it, what is asked, and what was typed. Pure.

import type { WatchAction } from '../../../model/watch/watch-action.ts';
import type { ScreenLine } from '../screen-line.ts';
import type { KeyPress } from '../ui-state.ts';

export type ActionPhase = 'planning' | 'asking' | 'running' | 'ended';

export interface ActionState {
  /** Null: none was begun, and the lines say why. */
  readonly action: WatchAction | null;
  readonly title: string;
  readonly phase: ActionPhase;
  readonly lines: readonly ScreenLine[];
  /** What is to be typed, and what was. */
  readonly question: string | null;
  readonly typed: string;
  /** Lines that are scrolled away at the top; null: the last ones are shown. */
  readonly scrolled: number | null;
}

/** A title for each kind, also in the footer while it runs. */
const verbs = {
  cancel: 'Cancel the initialization of',
  disable: 'Disable',
  enable: 'Enable',
  reinitialize: 'Re-initialize tables of',
  verify: 'Verify',
} as const;

export const titleOf = ({ kind, node, subscription }: WatchAction): string =>
  `${verbs[kind]} ${node}/${subscription}`;

export const begun = (action: WatchAction): ActionState => ({
  action,
  title: titleOf(action),
  phase: 'planning',
  lines: [],
  question: null,
  typed: '',
  scrolled: 0,
});

/** There is nothing to change, or nothing may be changed. */
export const notBegun = (lines: readonly ScreenLine[]): ActionState => ({
  action: null,
  title: 'Nothing was changed',
  phase: 'ended',
  lines,
  question: null,
  typed: '',
  scrolled: 0,
});

/** Of a run of days the beginning is left out. */
const linesKept = 2000;

export const said = (state: ActionState, lines: readonly ScreenLine[]): ActionState => ({
  ...state,
  lines: [...state.lines, ...lines].slice(-linesKept),
});

/** The plan is read from its beginning. */
export const asked = (state: ActionState, question: string): ActionState => ({
  ...state,
  phase: 'asking',
  question,
  typed: '',
  scrolled: state.scrolled ?? 0,
});

export const answered = (state: ActionState): ActionState => ({
  ...state,
  phase: 'running',
  question: null,
  typed: '',
});

/** The last line stays on the screen. */
export const followed = (state: ActionState): ActionState => ({ ...state, scrolled: null });

export const ended = (state: ActionState): ActionState => ({
  ...state,
  phase: 'ended',
  question: null,
  scrolled: null,
});

const page = 10;

const steps: Readonly<Record<string, number>> = {
  up: -1,
  down: 1,
  pageUp: -page,
  pageDown: page,
  home: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
};

const letters: Readonly<Record<string, string>> = { k: 'up', j: 'down', g: 'home', G: 'end' };

/** `last`: the most lines that can be scrolled away. Letters move too, but where an answer is typed. */
export const scrolledBy = (
  state: ActionState,
  { name, text }: KeyPress,
  last: number,
): ActionState => {
  const by = steps[name ?? (state.question === null ? letters[text] : undefined) ?? ''];
  if (by === undefined) return state;
  const next = Math.max(0, Math.min(last, (state.scrolled ?? last) + by));
  return { ...state, scrolled: next === last && state.question === null ? null : next };
};

export const typedInto = (state: ActionState, { name, text }: KeyPress): ActionState => {
  if (name === 'backspace') return { ...state, typed: state.typed.slice(0, -1) };
  return name === null ? { ...state, typed: state.typed + text } : state;
};
