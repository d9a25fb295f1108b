// Memory of a process that rows pass through.

import { setFlagsFromString } from 'node:v8';

/**
 * Much is allocated, and next to nothing stays: V8 takes that for a reason to let the space for new objects grow, and
 * the buffers of rows that hang on them live the longer. At its first size it is emptied as fast as rows pass: a
 * gigabyte takes as long (docs/performance.md) and half of the memory. For the rest of the process.
 */
export const keepHeapSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1');
