// Every fault of a file: its code, the exact place, and what the reader is told.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import { expect, test } from 'vitest';
import { brief, load, twoNodes, unmark, wordsOf } from './marked-file.ts';

/** What is wrong, the file with the place marked, the code, and a part of the words. */
type Row = readonly [name: string, marked: string, code: string, words: string];

const syntax: readonly Row[] = [
  ['an unquoted star', 'version: 1\ntables: ⟦*⟧\n', 'YAML_SYNTAX', 'Quote it: "*"'],
  ['a tab', 'version: 1\nnodes:\n⟦\t⟧us: 1\n', 'YAML_SYNTAX', 'Indent with spaces'],
  [
    'a key twice',
    `${twoNodes}⟦nodes⟧: {}\n`,
    'DUPLICATE_KEY',
    '`nodes` is defined here and on line 2',
  ],
  [
    'a node twice',
    'version: 1\nnodes:\n  us: { connection: x=1 }\n  ⟦us⟧: { connection: x=2 }\n',
    'DUPLICATE_KEY',
    '`us` is defined here and on line 3',
  ],
  ['an alias of nothing', 'version: 1\nnodes: ⟦*gone⟧\n', 'YAML_SYNTAX', 'anchor'],
  ['two documents', 'version: 1\n⟦---⟧\nversion: 1\n', 'YAML_SYNTAX', 'second document'],
  [
    'an unquoted variable inside braces',
    'version: 1\nnodes: { us: { connection: $⟦{⟧PRIMARY_URL} } }\n',
    'YAML_SYNTAX',
    'quote a variable: "${NAME}"',
  ],
];

const shape: readonly Row[] = [
  [
    'an unknown section',
    `${twoNodes}⟦publication⟧: {}\n`,
    'UNKNOWN_KEY',
    'Did you mean `publications`?',
  ],
  [
    'an unknown key deep down',
    `${twoNodes}defaults:\n  init: { ⟦parallel_worker⟧: 4 }\n`,
    'UNKNOWN_KEY',
    'Did you mean `parallel_workers`?',
  ],
  [
    'nothing like it',
    `${twoNodes}⟦zebra⟧: 1\n`,
    'UNKNOWN_KEY',
    'Known here: `defaults`, `drift`, `include`, `nodes`',
  ],
  [
    'no version',
    '⟦nodes: { us: { connection: dbname=a } }⟧\n',
    'MISSING_KEY',
    'needs the key `version`.\nWrite `version: 1`.',
  ],
  [
    'a publication on no node',
    `${twoNodes}publications:\n  ⟦p⟧: { tables: [a] }\n`,
    'MISSING_KEY',
    '`publications.p` needs the key `node`',
  ],
  ['another version', twoNodes.replace('version: 1', 'version: ⟦2⟧'), 'INVALID_VALUE', 'must be 1'],
  [
    'a list for a mapping',
    `${twoNodes}publications: ⟦[]⟧\n`,
    'WRONG_TYPE',
    'a mapping, not a list',
  ],
  ['no value', `${twoNodes}⟦publications⟧:\n`, 'WRONG_TYPE', 'a mapping, not empty'],
  [
    'a number for a text',
    `${twoNodes}publications:\n  p: { node: us, schemas: [⟦7⟧] }\n`,
    'WRONG_TYPE',
    'Put it in quotes',
  ],
  [
    'neither text nor mapping',
    `${twoNodes}publications:\n  p: { node: us, tables: [a, ⟦7⟧] }\n`,
    'WRONG_TYPE',
    '`publications.p.tables[1]` must be a text or a mapping, not a number',
  ],
  [
    'a key of a table',
    `${twoNodes}publications:\n  p: { node: us, tables: [{ name: a, ⟦wher⟧: x > 0 }] }\n`,
    'UNKNOWN_KEY',
    'Did you mean `where`?',
  ],
  [
    'an operation',
    `${twoNodes}publications:\n  p: { node: us, tables: [a], publish: [⟦upsert⟧] }\n`,
    'INVALID_VALUE',
    'one of insert, update, delete, truncate',
  ],
  [
    'an identity',
    `${twoNodes}publications:\n  p: { node: us, tables: [{ name: a, replica_identity: ⟦nothing⟧ }] }\n`,
    'WRONG_TYPE',
    '`default` or `full` or a mapping',
  ],
  [
    'an option value',
    `${twoNodes}defaults:\n  options: { streaming: ⟦paralell⟧ }\n`,
    'INVALID_VALUE',
    'Did you mean `parallel`?',
  ],
  [
    'priority',
    twoNodes.replace('/app }', '/app, priority: ⟦101⟧ }'),
    'INVALID_VALUE',
    'between 1 and 100',
  ],
  [
    'workers',
    `${twoNodes}defaults: { init: { parallel_workers: ⟦0⟧ } }\n`,
    'INVALID_VALUE',
    '1 and 16',
  ],
  ['no nodes', 'version: 1\nnodes: ⟦{}⟧\n', 'EMPTY_LIST', '`nodes` must not be empty'],
  [
    'no publications',
    `${twoNodes}subscriptions:\n  s: { node: eu, source: us, publications: ⟦[]⟧ }\n`,
    'EMPTY_LIST',
    '`subscriptions.s.publications` must not be empty',
  ],
  ['a node with a slash', twoNodes.replace('us:', '⟦us/east⟧:'), 'INVALID_NAME', 'letters, digits'],
  [
    'a publication without a name',
    `${twoNodes}publications:\n  ⟦""⟧: { node: us, tables: [a] }\n`,
    'INVALID_NAME',
    'at least one character',
  ],
  [
    'a hazard',
    `${twoNodes}policy: { allow_hazards: [⟦loop⟧] }\n`,
    'INVALID_VALUE',
    'code of a hazard',
  ],
];

const notYet: readonly Row[] = [
  [
    'init two_phase of a pair',
    `${twoNodes}pairs:\n  p: { nodes: [us, eu], tables: [t], init: { method: ⟦two_phase⟧, snapshot: s } }\n`,
    'NOT_SUPPORTED_YET',
    'Use `snapshot` for a pair',
  ],
  [
    'init manual of a pair',
    `${twoNodes}pairs:\n  p: { nodes: [us, eu], tables: [t], init: { method: ⟦manual⟧ } }\n`,
    'NOT_SUPPORTED_YET',
    'Use `snapshot` for a pair',
  ],
  [
    'init manual of a pair, by default',
    `${twoNodes}defaults: { init: { method: ⟦manual⟧ } }\npairs:\n  p: { nodes: [us, eu], tables: [t] }\n`,
    'NOT_SUPPORTED_YET',
    'Use `snapshot` for a pair',
  ],
];

test.each([...syntax, ...shape, ...notYet])('%s', (_, marked, code, words) => {
  const { text, place } = unmark(marked);
  const { topology, diagnostics } = load(text);
  expect(diagnostics.map(brief)).toEqual([{ severity: 'error', code, ...place }]);
  expect(diagnostics.map(wordsOf).join('\n')).toContain(words);
  expect(topology).toBeNull();
});

test('all faults of the shape come at once, in the order of the file', () => {
  const { diagnostics } = load(
    'version: 2\nnodes:\n  us: { priority: 0 }\npublication: {}\nremoved: {}\n',
  );
  expect(diagnostics.map(({ code, source }) => `${source?.line} ${code}`)).toEqual([
    '1 INVALID_VALUE',
    '3 MISSING_KEY',
    '3 INVALID_VALUE',
    '4 UNKNOWN_KEY',
    '5 WRONG_TYPE',
  ]);
});

test.each(['', '# only a comment\n', '- a\n- b\n', 'just text'])('no mapping: %j', (text) => {
  const { topology, diagnostics } = load(text);
  expect(diagnostics.map(({ code }) => code)).toEqual(['YAML_SYNTAX']);
  expect(topology).toBeNull();
});

test('the snippet is the line, without its line ending, and columns count characters', () => {
  const { diagnostics } = load(`${twoNodes}policy: { "größe 😀": 1 }\n`.replaceAll('\n', '\r\n'));
  expect(diagnostics[0]?.source).toEqual({
    file: 'steep.yaml',
    line: 5,
    column: 11,
    length: 9,
    snippet: 'policy: { "größe 😀": 1 }',
  });
});

test('a byte order mark does not move the columns', () => {
  const { diagnostics } = load(`\uFEFFversion: 2\nnodes: { us: { connection: dbname=a } }\n`);
  expect(diagnostics.map(brief)).toEqual([
    { severity: 'error', code: 'INVALID_VALUE', line: 1, column: 10, length: 1 },
  ]);
});
