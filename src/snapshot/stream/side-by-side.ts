// Runs a number of jobs at once, in order, until all are done or one fails.

/** Calls `run` for each item, `jobs` at a time. After a failure none is begun; the failure is thrown when all ended. */
export const sideBySide = async <T>(
  items: readonly T[],
  jobs: number,
  run: (item: T) => Promise<void>,
): Promise<void> => {
  const queue = [...items];
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      if (failures.length > 0) return;
      try {
        await run(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work));
  if (failures.length > 0) throw failures[0];
};
