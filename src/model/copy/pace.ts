// How fast something moves, from looks at how far it is: over the last seconds, so that one slow look says little. Pure.

/** Milliseconds that a rate looks back. */
const lookBack = 10_000;

/** Looks that a rate rests on: those between are left out, so that many edges take little memory. */
const looksKept = 12;

/** Milliseconds below which a rate would say nothing. */
const shortest = 500;

/** How far something was, at a time in milliseconds since any fixed point. */
export interface PaceLook {
  readonly at: number;
  readonly amount: number;
}

/** The looks that count, with the one of now: those within so many milliseconds, and none from before it started again. */
export const lookAgain = (
  before: readonly PaceLook[],
  now: PaceLook,
  within = lookBack,
): readonly PaceLook[] => {
  const same = before.filter(({ amount }) => amount <= now.amount);
  const recent = same.filter(({ at }, index) => now.at - at <= within || index === same.length - 1);
  return [...spaced(recent, within / looksKept), now];
};

/** Without the last look where it came sooner than `apart` milliseconds after the one before it. */
const spaced = (looks: readonly PaceLook[], apart: number): readonly PaceLook[] => {
  const [before, last] = looks.slice(-2);
  return before !== undefined && last !== undefined && last.at - before.at < apart
    ? looks.slice(0, -1)
    : looks;
};

/** Amount per second; null: seen too shortly. */
export const paceOf = (looks: readonly PaceLook[]): number | null => {
  const [first] = looks;
  const last = looks.at(-1);
  return first === undefined || last === undefined || last.at - first.at < shortest
    ? null
    : ((last.amount - first.amount) * 1000) / (last.at - first.at);
};

/** Seconds until `total` is reached; null: nothing moves, or the total is not known. */
export const etaOf = (
  done: number,
  total: number | null,
  perSecond: number | null,
): number | null =>
  total === null || perSecond === null || perSecond <= 0
    ? null
    : Math.max(0, total - done) / perSecond;
