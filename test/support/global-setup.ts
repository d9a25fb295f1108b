// Starts the keeper of test servers before the first test, and lets it clean up after the last.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { allMajors, majors } from './majors.ts';

/** Tests run the built command line: what was built from older sources would be tested in vain. */
function buildIfStale(): void {
  const newest = (pattern: string): number =>
    Math.max(0, ...globSync(pattern).map((path) => statSync(path).mtimeMs));
  if (newest('dist/**/*.js') > newest('src/**/*.ts')) return;
  const compiler = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
  execFileSync(compiler, ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });
}

// biome-ignore lint/style/noDefaultExport: vitest asks for it.
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  buildIfStale();
  for (const major of allMajors.filter((candidate) => !majors.includes(candidate))) {
    process.stdout.write(`PostgreSQL ${major} is left out: it is not in STEEP_TEST_MAJORS.\n`);
  }
  const keeper = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('keeper.ts', import.meta.url)),
      process.env.STEEP_TEST_SERVERS ?? 'embedded',
    ],
    // Of its own session, so that Ctrl-C ends vitest first, and the keeper can clean up.
    { detached: true, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(keeper, 'exit');
  const lines = createInterface(keeper.stdout);
  const first = await Promise.race([once(lines, 'line'), exited.then(() => null)]);
  if (first === null) throw new Error('The keeper of test servers did not start.');
  project.provide('keeper', String(first[0]));
  return async () => {
    keeper.stdin.end();
    await exited;
  };
}
