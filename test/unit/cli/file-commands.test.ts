// fmt, graph and validate as processes: their exit codes, what they print and what they write.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'steep-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A new folder with these files. */
const folder = (files: Readonly<Record<string, string>>): string => {
  const path = mkdtempSync(join(root, 'project-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
};

const steep = (path: string, ...line: readonly string[]) => {
  const entry = 'test/unit/cli/fixture/run.ts';
  const { PATH, HOME } = process.env;
  const args = [entry, ...line, '--config', join(path, 'steep.yaml')];
  const env = { PATH, HOME, NO_COLOR: '1', FIXTURE: 'file-commands' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  return { status, stdout, stderr };
};

const untidy = 'nodes:\n    a: {connection: "host=127.0.0.1 port=1 dbname=a"} # one\nversion: 1\n';
const tidy = 'version: 1\nnodes:\n  a: { connection: "host=127.0.0.1 port=1 dbname=a" } # one\n';
const broken = 'version: [\n';

test('validate prints the schemas for editors: of steep.yaml, and of a file that it includes', () => {
  const path = folder({});
  const printed = (file: string) => {
    const { status, stdout } = steep(path, 'validate', '--print-schema', file);
    expect(status).toBe(0);
    return new Ajv2020({ strict: false }).compile(JSON.parse(stdout));
  };
  const [whole, part] = [printed('steep.yaml'), printed('included')];
  const nodes = { nodes: { a: { connection: 'host=127.0.0.1 dbname=a' } } };
  expect([whole({ version: 1, ...nodes }), whole(nodes), part(nodes)]).toEqual([true, false, true]);
  expect([part({ publications: {} }), part({ publication: {} })]).toEqual([true, false]);
});

describe('fmt', () => {
  test('formats, and keeps the mode of the file', () => {
    const path = folder({ 'steep.yaml': untidy });
    chmodSync(join(path, 'steep.yaml'), 0o640);
    expect(steep(path, 'fmt')).toEqual({
      status: 0,
      stdout: 'Formatted steep.yaml.\n',
      stderr: '',
    });
    expect(readFileSync(join(path, 'steep.yaml'), 'utf8')).toBe(tidy);
    expect(statSync(join(path, 'steep.yaml')).mode & 0o777).toBe(0o640);
    expect(steep(path, 'fmt').stdout).toBe('1 file checked: nothing to format.\n');
  });

  test('formats what is included too', () => {
    const path = folder({
      'steep.yaml': 'version: 1\ninclude: [teams/*.yaml]\n',
      'teams/a.yaml': untidy.replace('version: 1\n', ''),
      'teams/.a.yaml': broken,
    });
    expect(steep(path, 'fmt', '--json')).toMatchObject({
      status: 0,
      stdout:
        '{"written":true,"files":[{"file":"steep.yaml","changed":false},{"file":"teams/a.yaml","changed":true}]}\n',
    });
    expect(readFileSync(join(path, 'teams/a.yaml'), 'utf8')).toBe(tidy.replace('version: 1\n', ''));
    expect(steep(path, 'validate').stdout).toContain('1 node');
  });

  test.each([[[]], [['--json']]])('--check %j exits 2 and writes nothing', (json) => {
    const path = folder({ 'steep.yaml': untidy });
    const { status, stdout } = steep(path, 'fmt', '--check', ...json);
    expect(status).toBe(2);
    expect(stdout).toContain(
      json.length > 0
        ? '"written":false,"files":[{"file":"steep.yaml","changed":true}]'
        : 'Would format steep.yaml.',
    );
    expect(readFileSync(join(path, 'steep.yaml'), 'utf8')).toBe(untidy);
  });

  test('--check exits 0 where nothing would change', () => {
    expect(steep(folder({ 'steep.yaml': tidy }), 'fmt', '--check').status).toBe(0);
  });

  test.each([[[]], [['--json']]])('%j: no file is touched while one cannot be parsed', (json) => {
    const path = folder({
      'steep.yaml': `include: [b.yaml]\n${untidy}`,
      'b.yaml': broken,
    });
    const { status, stdout, stderr } = steep(path, 'fmt', ...json);
    expect(status).toBe(65);
    if (json.length > 0) expect(JSON.parse(stdout).error.code).toBe('INVALID_FILE');
    else expect(stderr).toContain('at b.yaml:2');
    expect(readFileSync(join(path, 'steep.yaml'), 'utf8')).toContain(untidy);
  });

  test('a file that is not there', () => {
    expect(steep(folder({ 'other.yaml': tidy }), 'fmt').status).toBe(65);
  });
});

describe('graph', () => {
  const drawn = folder({ 'steep.yaml': tidy });

  test('draws the file, offline', () => {
    expect(steep(drawn, 'graph')).toMatchObject({
      status: 0,
      stdout: 'flowchart LR\n  accTitle: 1 node, 0 subscriptions\n  n0["a"]\n',
    });
    expect(steep(drawn, 'graph', '--format', 'dot').stdout).toContain('digraph steep {');
  });

  test('as data', () => {
    const { status, stdout } = steep(drawn, 'graph', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      read_at: null,
      nodes: [{ name: 'a', live: null }],
      edges: [],
    });
  });

  test('into a file', () => {
    const out = join(drawn, 'a.svg');
    expect(steep(drawn, 'graph', '--format', 'svg', '--out', out)).toMatchObject({
      status: 0,
      stdout: `Wrote ${out}.\n`,
    });
    expect(readFileSync(out, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  test.each([[[]], [['--json']]])('--live %j with a node that cannot be read exits 7', (json) => {
    const { status, stdout } = steep(drawn, 'graph', '--live', ...json);
    expect(status).toBe(7);
    expect(stdout).toContain(json.length > 0 ? '"reachable":false' : 'NOT READ');
  });

  test.each([[[]], [['--json']]])('%j: a file that is not valid exits 65', (json) => {
    const path = folder({ 'steep.yaml': 'version: 2\n' });
    expect(steep(path, 'graph', ...json).status).toBe(65);
  });

  test('an unknown format is wrong usage', () => {
    expect(steep(drawn, 'graph', '--format', 'png').status).toBe(64);
  });
});
