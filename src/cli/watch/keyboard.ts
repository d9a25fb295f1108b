// What a key does on the screen: it moves, or it is about a change. Pure but for the change that it begins.

import type { WatchState } from '../../model/watch/watch-state.ts';
import { lastScroll } from './actions/action-lines.ts';
import { type ActionKey, actionKeys, requestAction } from './actions/request-action.ts';
import type { WatchActions } from './actions/watch-actions.ts';
import { bodySize, type ScreenOptions, selectedEdge, shownView } from './screen.ts';
import { type KeyPress, pressKey, type UiState } from './ui-state.ts';

const actionKeyOf = ({ name, text }: KeyPress): ActionKey | undefined =>
  name === null ? actionKeys.find((key) => key === text) : undefined;

/** What the user has chosen after this key; null: to end, which waits while a change runs. */
export const pressOnScreen = (
  ui: UiState,
  press: KeyPress,
  state: WatchState,
  actions: WatchActions,
  options: ScreenOptions,
): UiState | null => {
  const action = actions.state();
  if (ui.overlay === 'action' && action !== null) {
    const stays = actions.press(press, lastScroll(action, bodySize(options)));
    return stays ? ui : { ...ui, overlay: null };
  }
  const view = shownView(state, ui, options.glyphs);
  const key = ui.isTyping ? undefined : actionKeyOf(press);
  if (key !== undefined) {
    const edge = selectedEdge(state, ui, view);
    actions.begin(requestAction(key, edge, edge === undefined ? [] : markedOf(ui, edge)));
    return { ...ui, overlay: 'action' };
  }
  const next = pressKey(ui, press, view);
  return next === null && actions.isRunning ? { ...ui, overlay: 'action' } : next;
};

const markedOf = (
  { marked }: UiState,
  { status }: { readonly status: { readonly node: string; readonly subscription: string } },
): readonly string[] =>
  marked.edge === `${status.node}/${status.subscription}` ? marked.tables : [];
