// Pauses between two looks at what is waited for: short at first, since most of it takes a moment, then longer.

export interface Pauses {
  readonly sleep: (ms: number) => Promise<void>;
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Each pause is twice as long as the one before. */
export const growingPauses = ({ sleep, firstMs, longestMs }: Pauses): (() => Promise<void>) => {
  let next = Math.min(firstMs, longestMs);
  return () => {
    const ms = next;
    next = Math.min(2 * ms, longestMs);
    return sleep(ms);
  };
};
