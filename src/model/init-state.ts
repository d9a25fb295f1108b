// The eight states of a subscription's first copy, and the only transitions between them.
// The CHECK constraint in sql/, the tests and the docs follow this table.

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

const initTransitions: Readonly<Record<InitState, readonly InitState[]>> = {
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
