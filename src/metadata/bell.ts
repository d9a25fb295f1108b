// Waiting that somebody can cut short. Knows nothing of what is waited for.

export interface Bell {
  readonly ring: () => void;
  /** Whether it rang, since it was last asked or within so many milliseconds; false: the time is over. */
  readonly rungWithin: (ms: number) => Promise<boolean>;
}

/** Its timers keep no process alive. */
export const createBell = (): Bell => {
  let rung = false;
  let wake: () => void = () => undefined;
  return {
    ring: () => {
      rung = true;
      wake();
    },
    rungWithin: async (ms) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          timer.unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const rang = rung;
      rung = false;
      return rang;
    },
  };
};
