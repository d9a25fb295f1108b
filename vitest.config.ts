// `unit` needs no server. `servers` starts real PostgreSQL clusters once a run.

import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const minute = 60_000;

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
          testTimeout: 2 * minute,
        },
      },
      {
        test: {
          name: 'servers',
          include: ['test/{integration,scenarios,examples,chaos}/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/each-file.ts'],
          pool: 'forks',
          // Of two cores: a test mostly waits for a server.
          maxWorkers: 4,
          // For what hangs: a machine that does other things as well is slow, not wrong.
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
        },
      },
    ],
  },
});
