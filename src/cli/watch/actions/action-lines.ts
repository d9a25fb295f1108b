// A change on the screen: what was said of it, scrolled, and the question below.

import type { WatchState } from '../../../model/watch/watch-state.ts';
import { edgeProgress } from '../../../model/watch/watched-edge.ts';
import { type Glyphs, line, type ScreenLine, span } from '../screen-line.ts';
import { progressCell } from '../words.ts';
import type { ActionPhase, ActionState } from './action-state.ts';
import { wrapLine } from './styled-lines.ts';

export interface ActionSize {
  readonly columns: number;
  readonly height: number;
}

const phases: { readonly [P in ActionPhase]: string } = {
  planning: 'is being planned',
  asking: 'waits for your answer',
  running: 'is running',
  ended: 'Esc closes this',
};

/** The edge as it is meanwhile: what is rolled back or copied is seen here. */
const titleLine = ({ action, title, phase }: ActionState, { edges }: WatchState): ScreenLine => {
  const edge = action === null ? undefined : edges.get(`${action.node}/${action.subscription}`);
  const progress = edge === undefined ? null : edgeProgress(edge);
  const now =
    edge === undefined
      ? ''
      : `  ${edge.status.initState ?? ''} ${progress === null ? '' : progressCell(progress)}`;
  return [span(title, 'bold'), span(`  ${phases[phase]}`, 'caution'), span(now.trimEnd())];
};

const wrapped = (lines: readonly ScreenLine[], columns: number): readonly ScreenLine[] =>
  lines.flatMap((each) => wrapLine(each, columns));

const questionLines = ({ question, typed }: ActionState, columns: number): readonly ScreenLine[] =>
  question === null ? [] : wrapLine(line(`${question}${typed}_`, 'caution'), columns);

/** Lines for the text: without the title, the question and where it is. */
const roomFor = (questions: number, height: number): number => Math.max(1, height - questions - 2);

/** The most lines that can be scrolled away. */
export const lastScroll = (state: ActionState, { columns, height }: ActionSize): number => {
  const room = roomFor(questionLines(state, columns).length, height);
  return Math.max(0, wrapped(state.lines, columns).length - room);
};

export const actionLines = (
  state: ActionState,
  watched: WatchState,
  size: ActionSize,
  glyphs: Glyphs,
): readonly ScreenLine[] => {
  const { columns, height } = size;
  const questions = questionLines(state, columns);
  const room = roomFor(questions.length, height);
  const text = wrapped(state.lines, columns);
  const last = Math.max(0, text.length - room);
  const first = Math.min(last, state.scrolled ?? last);
  const shown = text.slice(first, first + room);
  const isCut = last > 0;
  const where = `lines ${first + 1} to ${first + shown.length} of ${text.length}${first < last ? glyphs.more : ''}`;
  const below = questions.length > room ? questions.slice(-room) : questions;
  return [titleLine(state, watched), ...shown, ...(isCut ? [line(where, 'dim')] : []), ...below];
};
