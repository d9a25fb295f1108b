// Starts the keeper of test servers before the first test, and lets it clean up after the last.

import { execFileSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { allMajors, majors } from './majors.ts';
import { startKeeper } from './start-keeper.ts';

/** Tests run the built command line: otherwise the build of older sources would be tested. */
export function buildIfStale(): void {
  const newest = (pattern: string): number =>
    Math.max(0, ...globSync(pattern).map((path) => statSync(path).mtimeMs));
  if (newest('dist/**/*.js') > newest('src/**/*.ts')) return;
  execFileSync(process.execPath, ['scripts/bundle.ts'], { stdio: 'inherit' });
}

// biome-ignore lint/style/noDefaultExport: vitest asks for it.
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  buildIfStale();
  for (const major of allMajors.filter((candidate) => !majors.includes(candidate))) {
    process.stdout.write(`PostgreSQL ${major} is left out: it is not in STEEP_TEST_MAJORS.\n`);
  }
  const keeper = await startKeeper();
  project.provide('keeper', keeper.url);
  return () => keeper.end();
}
