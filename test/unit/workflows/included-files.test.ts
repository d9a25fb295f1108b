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

test('a steep.yaml that is a link out of its folder, so that errors show lines of another file', () => {
  const secret = join(folder, 'credentials');
  writeFileSync(secret, '[default]\naws_secret_access_key = wJalrXUtnFEMI\n');
  mkdirSync(join(folder, 'project', 'nested'));
  const file = join(folder, 'project', 'steep.yaml');
  symlinkSync(secret, file);
  expect(() => validateFile(file, host)).toThrow('it is a link that leads out of its folder');
  expect(validateFile(file, { ...host, includeOutside: true }).diagnostics).not.toEqual([]);
  rmSync(file);
  // As a ConfigMap of Kubernetes is mounted.
  writeFileSync(
    join(folder, 'project', 'nested', 'steep.yaml'),
    'version: 1\nnodes: { n: { connection: dbname=n } }\n',
  );
  symlinkSync(join('nested', 'steep.yaml'), file);
  expect(validateFile(file, host).diagnostics).toEqual([]);
});

test.each([
  `'{1..20000000}.yaml'`,
  `'{1..9}{1..99}.yaml'`,
  `'${'{a,b,c,d,e,f,g,h}'.repeat(8)}*'`,
  `'{a,{b,c,{d,e}}{f,g},h}{i,j,k,l,m,n,o,p,q}{r,s,t}'`,
  `'**/**/**/**/*.yaml'`,
  `'*a*a*a*a*a*b'`,
  `'*(+(+(a)))b'`,
  `'${'?'.repeat(501)}'`,
])('a pattern that is too large is not matched: %s', (pattern) => {
  expect(codes(pattern)).toEqual(['INCLUDE_PATTERN']);
});

test('patterns of an ordinary size are matched', () => {
  writeFileSync(join(folder, 'project', 'eu-1.yaml'), 'nodes: { n: { connection: dbname=n } }\n');
  const patterns = [`'{eu,us,ap}-{1..9}.{yaml,yml}'`, `'**/[a-z]*-?.yaml'`, `'{a..z}u-*.y*l'`];
  for (const pattern of patterns) expect(codes(pattern), pattern).toEqual([]);
});

test('a pipe is not waited for', () => {
  execFileSync('mkfifo', [join(folder, 'project', 'pipe.yaml')]);
  expect(codes('pipe.yaml')).toEqual(['INCLUDE_NOT_FOUND']);
  expect(codes('/dev/zero', true)).toEqual(['INCLUDE_NOT_FOUND']);
});

const outsideCodes = (blocks: object, includeOutside: boolean): readonly string[] => {
  const file = join(folder, 'project', 'steep.yaml');
  const text = {
    version: 1,
    nodes: { a: { connection: 'host=a dbname=d' }, b: { connection: 'host=b dbname=d' } },
    ...blocks,
  };
  writeFileSync(file, JSON.stringify(text));
  return validateFile(file, { ...host, includeOutside })
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code }) => code);
};

const snapshotCodes = (snapshot: string, includeOutside = false): readonly string[] => {
  const init = { method: 'two_phase', snapshot };
  const blocks = {
    publications: { p: { node: 'a', tables: ['t'] } },
    subscriptions: { s: { node: 'b', source: 'a', publications: ['p'], init } },
  };
  return outsideCodes(blocks, includeOutside);
};

const decisionCodes = (decisions: string, includeOutside = false): readonly string[] => {
  const init = { method: 'merge', strategy: 'manual', decisions };
  const pairs = { ab: { nodes: ['a', 'b'], tables: ['public.t'], init } };
  return outsideCodes({ pairs }, includeOutside);
};

test('decisions that are outside of the project, by their path or by a link', () => {
  symlinkSync('/etc/passwd', join(folder, 'project', 'decided.ndjson'));
  for (const place of ['../d.ndjson', '/etc/shadow', 'decided.ndjson']) {
    expect(decisionCodes(place), place).toEqual(['DECISIONS_OUTSIDE']);
    expect(decisionCodes(place, true), place).toEqual([]);
  }
  expect(decisionCodes('d.ndjson')).toEqual([]);
});

test('a snapshot that is outside of the project, by its path or by a link', () => {
  symlinkSync(folder, join(folder, 'project', 'link'));
  for (const place of ['../snap', folder, '/no/such/folder', 'link', 'link/snap']) {
    expect(snapshotCodes(place), place).toEqual(['SNAPSHOT_OUTSIDE']);
    expect(snapshotCodes(place, true), place).toEqual([]);
  }
  for (const place of ['snap', './a/../snap', '..snap', 's3://bucket/snap']) {
    expect(snapshotCodes(place), place).toEqual([]);
  }
});
