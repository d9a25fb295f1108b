// How fast something moves, from looks at how far it is: over the last seconds, so that one slow look says little.

/** Milliseconds that a rate looks back. */
const lookBack = 10_000;

interface Look {
  readonly at: number;
  readonly amount: number;
}

/** Amount per second since some seconds ago; null: seen too shortly, or it started again. */
export type Pace = (what: string, amount: number, at: number) => number | null;

/** `at` is in milliseconds since any fixed point. */
export const createPace = (): Pace => {
  const looks = new Map<string, readonly Look[]>();
  return (what, amount, at) => {
    const before = (looks.get(what) ?? []).filter((look) => look.amount <= amount);
    const recent = before.filter(
      (look, index) => at - look.at <= lookBack || index === before.length - 1,
    );
    looks.set(what, [...recent, { at, amount }]);
    const [first] = recent;
    return first === undefined || at <= first.at
      ? null
      : ((amount - first.amount) * 1000) / (at - first.at);
  };
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
