// The pg_dumps that tests run: the real one of this machine, if it has one, and a scripted one that is always there.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseToolVersion } from '../../../src/postgres/versions.ts';
import { onTestFinished } from '../servers/clean-up.ts';

/** What it gets wrong. */
export interface FakeDump {
  /** What `--version` says; 18.1 unless told. */
  readonly version?: string;
  /** After so many bytes of rows it stops. */
  readonly stopAfterBytes?: number;
  /**
   * With an error and exit 1 unless told; hang: it has stopped; trickle: continues slowly; cut: as if all were well.
   */
  readonly how?: 'fail' | 'hang' | 'trickle' | 'cut';
  /** What another session does just before the rows are read, and again after it, where it is granted its lock at once. */
  readonly beside?: string;
}

/**
 * The path of a program to give as STEEP_PG_DUMP, gone after the test. What it was called with is next to it, in
 * `.ran`.
 */
export function fakePgDump(wrong: FakeDump = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'steep-pg-dump-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return writeFakePgDump(directory, wrong);
}

/** The same in a directory that the test removes itself: which of concurrent tests finishes, only they know. */
export function writeFakePgDump(directory: string, wrong: FakeDump = {}): string {
  const program = join(directory, 'pg_dump');
  const script = fileURLToPath(new URL('./fake-pg-dump.ts', import.meta.url));
  const told = JSON.stringify(wrong);
  writeFileSync(
    program,
    `#!/bin/sh\necho "$@" >> '${program}.ran'\nFAKE_PG_DUMP='${told}' "${process.execPath}" "${script}" "$@"\n`,
    { mode: 0o755 },
  );
  return program;
}

/** The real one: STEEP_TEST_PG_DUMP, or the first in PATH; null: this machine has none. */
export const realPgDump = ((): { readonly program: string; readonly major: number } | null => {
  const program = process.env.STEEP_TEST_PG_DUMP ?? 'pg_dump';
  try {
    const said = execFileSync(program, ['--version'], {
      encoding: 'utf8',
      env: { ...process.env, PGHOST: 'localhost' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { program, major: Math.floor(parseToolVersion(said) / 10_000) };
  } catch {
    return null;
  }
})();
