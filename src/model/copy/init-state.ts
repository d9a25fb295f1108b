// The eight states of a subscription's initial copy, and the only transitions between them. The CHECK constraint in
// sql/, the tests and the docs follow this table.

export const initStates = [
  'uninitialized',
  'preparing',
  'copying',
  'catching_up',
  'synchronized',
  'diverged',
  'failed',
  'reinitializing',
] as const;

export type InitState = (typeof initStates)[number];

/** The picture in docs/initialization.md, as data. */
export const initTransitions: Readonly<Record<InitState, readonly InitState[]>> = {
  uninitialized: ['preparing'],
  preparing: ['copying', 'failed', 'uninitialized'],
  copying: ['catching_up', 'failed', 'uninitialized'],
  catching_up: ['synchronized', 'failed', 'uninitialized'],
  synchronized: ['diverged', 'reinitializing'],
  diverged: ['reinitializing'],
  failed: ['reinitializing', 'uninitialized'],
  reinitializing: ['copying', 'failed', 'uninitialized'],
};

/** Whether the picture of the states has this edge. */
export const canTransition = (from: InitState, to: InitState): boolean =>
  initTransitions[from].includes(to);

/** An initial copy is under way, by whatever method it is made. */
export const isInitializing = (state: InitState): boolean => underWay.includes(state);

const underWay: readonly InitState[] = ['preparing', 'copying', 'catching_up', 'reinitializing'];

/** Of what failed, diverged or was in step, a new copy is prepared as what it is. */
const preparedAgain: readonly InitState[] = [
  'failed',
  'diverged',
  'synchronized',
  'reinitializing',
];

/**
 * The transitions by which an initial copy begins, from wherever the last one was left; empty: it is there already.
 * None of them says of a copy that it failed. One that is prepared again ends in `reinitializing`.
 */
export const initialTransitions = (
  from: InitState | null,
  until: 'preparing' | 'copying',
): readonly InitState[] => {
  if (from === null) return ['uninitialized', ...initialTransitions('uninitialized', until)];
  const isAgain = until === 'preparing' && preparedAgain.includes(from);
  const to = isAgain ? 'reinitializing' : until;
  let ways: readonly (readonly InitState[])[] = [[from]];
  for (;;) {
    const found = ways.find((way) => way.at(-1) === to);
    if (found !== undefined) return found.slice(1);
    ways = ways.flatMap((way) => nextStates(way).map((next) => [...way, next]));
  }
};

const nextStates = (way: readonly InitState[]): readonly InitState[] =>
  initTransitions[way.at(-1) ?? 'uninitialized'].filter(
    (next) => next !== 'failed' && !way.includes(next),
  );

/** A node's state is the worst of its subscriptions'; first is worst. */
export const worstFirst: readonly InitState[] = [
  'failed',
  'diverged',
  'reinitializing',
  'preparing',
  'copying',
  'catching_up',
  'synchronized',
  'uninitialized',
];
