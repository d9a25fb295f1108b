// `unit` needs no server. `servers` starts real PostgreSQL clusters once a run.

import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { onlyAtNight } from './test/support/only-at-night.ts';

const minute = 60_000;

/**
 * Of two cores, which this fills: more files at a time make each statement dearer, and the run longer. The same for both
 * projects, so that files of both fill the workers.
 */
const maxWorkers = 3;

export default defineConfig({
  test: {
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: 'tmp/vitest.json' }]]
      : ['default'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,guards}/**/*.test.ts'],
          // They share modules, which are loaded once for each worker: nothing in src/ keeps a state of its own.
          isolate: false,
          maxWorkers,
          testTimeout: 2 * minute,
        },
      },
      {
        test: {
          name: 'servers',
          include: ['test/{integration,scenarios,examples,chaos}/**/*.test.ts'],
          exclude:
            process.env.STEEP_TEST_NIGHTLY === undefined
              ? Object.keys(onlyAtNight).map((name) => `test/${name}.test.ts`)
              : [],
          globalSetup: ['test/support/servers/global-setup.ts'],
          setupFiles: ['test/support/servers/each-file.ts'],
          pool: 'forks',
          maxWorkers,
          // For what hangs: a machine that does other things as well is slow, not wrong.
          testTimeout: 10 * minute,
          hookTimeout: 10 * minute,
        },
      },
    ],
  },
});
