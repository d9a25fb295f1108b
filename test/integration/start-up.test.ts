// What is loaded to run a command: a few files of the bundle, however many sources there are.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Prints every file that is loaded, on stdout. */
const telling = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({ load: (url, context, next) => { writeSync(1, url + '\\n'); return next(url, context); } });
`)}`;

const loadedBy = (...args: readonly string[]): readonly string[] =>
  execFileSync(process.execPath, ['--import', telling, 'bin/run.js', ...args], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith('file:'));

test('a command loads a few files, and no package that others need', () => {
  const files = loadedBy('validate', '--config', 'examples/01-two-nodes/steep.yaml');
  expect(files.length).toBeLessThan(40);
  expect(
    files.filter((file) => /prettier|aws-sdk|pg-delta|libpg-query|lz4|live-screen|yoga/.test(file)),
  ).toEqual([]);
  expect(loadedBy('--version').filter((file) => file.includes('/dist/'))).toEqual([]);
});

test('a reader that stops early, such as head, is no error', () => {
  const piped = `"${process.execPath}" bin/run.js plan --help | head -1`;
  const { stdout, stderr } = spawnSync('sh', ['-c', piped], { encoding: 'utf8' });
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).toBe('');
});

test('the licenses of the packages in the bundle come with it', () => {
  const notices = readFileSync('dist/NOTICES.txt', 'utf8');
  for (const named of [/^@oclif\/core \S+ \(MIT\)$/m, /^pg \S+ \(MIT\)$/m, /^yaml \S+ \(ISC\)$/m]) {
    expect(notices).toMatch(named);
  }
});
