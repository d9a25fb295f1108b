// Memory of steep watch, which is left open for days beside other programs.

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes. With less, what is gone a moment later is taken for old; with more, the processor gains nothing. */
const newObjects = 32_000_000;

/** Per cent that old objects grow by before they are looked through. */
const oldObjects = 70;

/** Milliseconds from one look at the heap to the next, until it has its size. */
const lookEvery = 200;

/**
 * Each look at the nodes allocates much, and next to nothing of it stays: V8 takes that for a reason to let the space for
 * new objects grow to 134 MB. It grows until it is large enough, and then no more. For the rest of the process.
 */
export const limitHeap = (): void => {
  setFlagsFromString(`--heap-growing-percent=${oldObjects}`);
  const timer = setInterval(() => {
    const { space_size: size = 0 } =
      getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space') ?? {};
    if (size < newObjects) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(timer);
  }, lookEvery);
  timer.unref();
};
