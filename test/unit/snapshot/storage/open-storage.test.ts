// The SDK for buckets takes a while to load, and is loaded for a bucket only.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'steep-open-'));
});
afterAll(() => rmSync(home, { recursive: true }));

/** Whether a program loads the SDK: Node tells each module that it resolves. */
const loadsSdk = (program: string, ...args: readonly string[]): boolean => {
  const watch = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name.startsWith('@aws-sdk/')) process.stderr.write('SDK LOADED\\n');
      return next(name, context);
    } });
    process.argv.splice(1, 0, 'steep');
    ${program}`;
  const { stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', watch, '--', ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, AWS_REGION: 'x', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    },
  );
  expect([status, stderr.replaceAll('SDK LOADED\n', '')]).toEqual([0, '']);
  return stderr.includes('SDK LOADED');
};

const open = `
  const { openStorage } = await import('./src/snapshot/storage/open-storage.ts');
  await openStorage(process.argv.at(-1), { create: true }).catch(() => undefined);`;

test('not for a directory', () => {
  expect(loadsSdk(open, join(home, 'snapshot'))).toBe(false);
});

test('for a bucket', () => {
  expect(loadsSdk(open, 's3://bucket/prefix')).toBe(true);
});
