// Included files on a disk: only ordinary files, and only inside of the folder of steep.yaml.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { validateFile } from '../../../src/workflows/load.ts';

const host = {
  steepVersion: '0',
  environment: {},
  user: 'u',
  hostname: 'h',
  now: () => new Date(0),
  clock: () => 0,
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steep-include-'));
  mkdirSync(join(folder, 'project'));
  writeFileSync(join(folder, 'outside.yaml'), 'nodes: { n: { connection: dbname=n } }\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const codes = (include: string, includeOutside = false): readonly string[] => {
  const file = join(folder, 'project', 'steep.yaml');
  writeFileSync(file, `version: 1\ninclude: [${include}]\n`);
  return validateFile(file, { ...host, includeOutside }).diagnostics.map(({ code }) => code);
};

test('a path that leads out', () => {
  expect(codes('../outside.yaml')).toEqual(['INCLUDE_OUTSIDE']);
  expect(codes('../outside.yaml', true)).toEqual([]);
});

test('a link that leads out', () => {
  symlinkSync(join(folder, 'outside.yaml'), join(folder, 'project', 'link.yaml'));
  expect(codes('link.yaml')).toEqual(['INCLUDE_OUTSIDE']);
});

test('a pipe is not waited for', () => {
  execFileSync('mkfifo', [join(folder, 'project', 'pipe.yaml')]);
  expect(codes('pipe.yaml')).toEqual(['INCLUDE_NOT_FOUND']);
  expect(codes('/dev/zero', true)).toEqual(['INCLUDE_NOT_FOUND']);
});
