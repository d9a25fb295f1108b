// `unit` needs no server. `servers` starts real PostgreSQL clusters once a run.

import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const minute = 60_000;

/** Of two cores: a test with servers mostly waits. The same for both projects, so that files of both fill the workers. */
const maxWorkers = 4;

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
          globalSetup: ['test/support/servers/global-setup.ts'],
          setupFiles: ['test/support/servers/each-file.ts'],
          pool: 'forks',
          maxWorkers,
          // For what hangs: a machine that does other things as well is slow, not wrong.
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
        },
      },
    ],
  },
});
