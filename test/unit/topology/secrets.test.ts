// A password is in no finding, whatever else is wrong with the file.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadTopology } from '../../../src/topology/load.ts';
import { brief, unmark, wordsOf } from './marked-file.ts';

const canary = 'CANARY-7f3a';
const load = (text: string, environment: Readonly<Record<string, string>> = {}) =>
  loadTopology({ text, fileName: 'steep.yaml', environment });

const file = (connection: string): string =>
  `version: 1\nnodes:\n  a: { connection: ${connection}, priority: 500 }\n`;

describe('no finding holds the password', () => {
  test.each([
    ['a URI', file(`postgresql://u:${canary}@h/d`)],
    ['a URI with a slash in the password', file(`postgresql://u:x/?${canary}=1@h/d`)],
    ['a URI with a bad escape', file(`postgresql://u:%zz${canary}@h/d`)],
    ['an unknown parameter', file(`postgresql://h/d?passwort=${canary}`)],
    ['several hosts', file(`postgresql://u:${canary}@h,i/d`)],
    ['keywords', file(`host=h password=${canary} nonsense=1`)],
    ['keywords that cannot be read', file(`"host=h password='${canary}"`)],
    ['a mapping', file(`{ password: ${canary} }`)],
    ['a mapping with a wrong key', file(`{ pasword: ${canary} }`)],
    ['a URI as a key', file(`{ "postgresql://u:${canary}@h": 1 }`)],
    ['keywords as a key', file(`{ host=h password=${canary}: 1 }`)],
    ['a list', file(`[postgresql://u:${canary}@h/d]`)],
    [
      'an anchor',
      `version: 1\nnodes:\n  a: { connection: { password: &pw ${canary} } }\n  b: { connection: { password: *pw, port: true } }\n`,
    ],
    [
      'a literal block',
      `version: 1\nnodes:\n  a:\n    connection:\n      password: |\n        ${canary}\n      port: true\n`,
    ],
    [
      'a folded URI',
      `version: 1\nnodes:\n  a:\n    connection: >-\n      ${canary}\n    priority: 500\n`,
    ],
    ['a node that is a text', `version: 1\nnodes:\n  a: ${canary}\n`],
    ['a node under the name of a URI', `version: 1\nnodes:\n  postgresql://u:${canary}@h: {}\n`],
    ['the wrong connection key', `version: 1\nnodes:\n  a: { conection: ${canary} }\n`],
    ['the wrong section', `version: 1\nnode: { a: { connection: postgresql://u:${canary}@h } }\n`],
    [
      'the wrong section and key',
      `version: 1\nnode: { a: { connection: { passwd: ${canary} } } }\n`,
    ],
    ['broken YAML', `version: 1\nnodes:\n  a: { connection: { password: ${canary}, }}}\n`],
    [
      'a colon too much',
      `version: 1\nnodes:\n  a:\n    connection: postgresql://u:${canary}@h: x\n`,
    ],
    [
      'a key twice',
      `version: 1\nnodes:\n  a:\n    connection: x=1\n    connection: host=h password=${canary}\n`,
    ],
    ['a variable name that is a password', file(`{ password_env: "${canary}" }`)],
  ])('%s', (_, text) => {
    const { diagnostics } = load(text);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics)).not.toContain(canary);
  });

  test('nor one that comes from the environment', () => {
    const text = file('"${URL}"').replace(', priority: 500', '');
    for (const url of [`${canary}`, `postgresql://u:${canary}@h,i/d`, `host=h ${canary}=1`]) {
      const { diagnostics } = load(text, { URL: url });
      expect(diagnostics.map(({ code }) => code)).toEqual(['INVALID_CONNECTION']);
      expect(JSON.stringify(diagnostics)).not.toContain(canary);
    }
  });

  test('nor does the desired state, nor a printed connection', () => {
    const { topology } = load(file(`postgresql://u:${canary}@h/d`).replace('500', '5'));
    expect(topology?.connections.own.a?.get('password')).toBe(canary);
    expect(JSON.stringify(topology)).not.toContain(canary);
    expect(inspect(topology, { depth: 9 })).not.toContain(canary);
  });
});

describe('a password in the file', () => {
  test.each([
    ['⟦postgresql://u:secret@h/d⟧', 'password_env'],
    ['⟦host=h password=secret⟧', 'password_env'],
    ['{ host: h, password: ⟦secret⟧ }', 'password_env: NAME'],
    ['⟦"postgresql://u:${PW:-secret}@h/d"⟧', 'password_env'],
    ['⟦"postgresql://u:${SET}secret@h/d"⟧', 'password_env'],
    ['{ host: h, sslpassword: ⟦secret⟧ }', 'sslpassword: ${NAME}'],
  ])('%s is a warning', (marked, words) => {
    const { text, place } = unmark(`version: 1\nnodes:\n  a: { connection: ${marked} }\n`);
    const { topology, diagnostics } = load(text, { SET: 'x' });
    expect(diagnostics.map(brief)).toEqual([
      { severity: 'warning', code: 'LITERAL_PASSWORD', ...place },
    ]);
    expect(diagnostics.map(wordsOf).join()).toContain(words);
    expect(topology).not.toBeNull();
  });

  test.each([
    '"${SET}"',
    '"postgresql://u:${SET}@h/d"',
    '"host=h password=${SET}"',
    '{ password: "${SET}" }',
    '{ password_env: SET }',
    '{ passfile: /etc/pgpass }',
  ])('%s is none', (connection) => {
    const { diagnostics } = load(`version: 1\nnodes:\n  a: { connection: ${connection} }\n`, {
      SET: 'host=x',
    });
    expect(diagnostics).toEqual([]);
  });
});

test('a snippet shows what is no secret', () => {
  const shown = (text: string): readonly (string | undefined)[] =>
    load(text).diagnostics.map(({ source }) => source?.snippet);
  const line = '  a: { connection: "${GONE}" }';
  expect(shown(`version: 1\nnodes:\n${line}\n`)).toEqual([line]);
  expect(
    shown('version: 1\nnodes:\n  a:\n    connection: { host: "${GONE}", user: me }\n'),
  ).toEqual(['    connection: { host: "${GONE}", user: me }']);
  expect(shown(file('postgresql://u:x@h/d'))).toEqual(['  a: { connection: ***']);
});
