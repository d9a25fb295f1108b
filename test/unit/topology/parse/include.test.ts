// A topology in several files: what is found, what is refused, and the file that each finding names.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import { describe, expect, test } from 'vitest';
import { loadTopology, validateTopology } from '../../../../src/topology/load.ts';
import { environment, wordsOf } from '../marked-file.ts';

/** Name → text; steep.yaml is the root file, in the directory `fileName` says. */
type Files = Readonly<Record<string, string>>;

const inputOf = (files: Files, fileName = 'steep.yaml') => ({
  text: files[fileName] ?? '',
  fileName,
  environment,
  around: {
    readFile: (name: string) => {
      const text = files[name];
      return text === undefined ? { fault: 'the file does not exist' } : { text };
    },
    glob: (pattern: string) => {
      const wanted = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
      // Not in order, as a disk may give them.
      return Object.keys(files)
        .filter((name) => wanted.test(name))
        .toReversed();
    },
  },
});

const load = (files: Files, fileName?: string) => loadTopology(inputOf(files, fileName));

/** `file:line CODE`, for comparing in one piece. */
const brief = (files: Files, fileName?: string): readonly string[] =>
  load(files, fileName).diagnostics.map(
    ({ code, source }) => `${source?.file}:${source?.line} ${code}`,
  );

const words = (files: Files): string => load(files).diagnostics.map(wordsOf).join('\n');

const shop: Files = {
  'steep.yaml': 'version: 1\ninclude: [nodes.yaml, teams/*.yaml]\npolicy: { max_lag: 1GB }\n',
  'nodes.yaml':
    'nodes:\n  us: { connection: ${PRIMARY_URL} }\n  eu: { connection: host=eu dbname=a }\n'.replace(
      '${PRIMARY_URL}',
      '"${PRIMARY_URL}"',
    ),
  'teams/sales.yaml':
    'include: [more/orders.yaml]\npublications:\n  sales: { node: us, tables: [a] }\n',
  'teams/more/orders.yaml': 'version: 1\npublications:\n  orders: { node: us, tables: [b] }\n',
  'teams/eu.yaml': 'subscriptions:\n  s: { node: eu, source: us, publications: [sales, orders] }\n',
};

describe('several files are one topology', () => {
  const { topology, diagnostics } = load(shop);

  test('with everything that is in them', () => {
    expect(diagnostics).toEqual([]);
    expect(topology?.desired.nodes.map(({ name, connectionRef }) => [name, connectionRef])).toEqual(
      [
        ['eu', 'nodes.yaml'],
        ['us', 'env:PRIMARY_URL'],
      ],
    );
    expect(topology?.desired.policy.maxLag).toBe(1024 ** 3);
  });

  test('and each block says where it is shown', () => {
    expect(topology?.desired.publications.map(({ name, source }) => [name, source])).toEqual([
      ['orders', 'teams/more/orders.yaml:3'],
      ['sales', 'teams/sales.yaml:3'],
    ]);
    expect(topology?.desired.subscriptions[0]?.origin).toBe('teams/eu.yaml:2');
  });

  test('wherever they were checked out', () => {
    const moved = Object.fromEntries(
      Object.entries(shop).map(([name, text]) => [`/srv/deploy/${name}`, text]),
    );
    const { desired } = load(moved, '/srv/deploy/steep.yaml').topology ?? {};
    expect(desired).toEqual(topology?.desired);
  });

  test('offline too', () => {
    const { desired } = validateTopology({ ...inputOf(shop), environment: {} });
    expect(desired?.subscriptions).toHaveLength(1);
  });
});

describe('a finding names the file that it is about', () => {
  test('of the shape', () => {
    const files = { ...shop, 'nodes.yaml': 'nodes:\n  us: { priority: 0 }\n  eu: 7\n' };
    expect(brief(files)).toEqual([
      'nodes.yaml:2 MISSING_KEY',
      'nodes.yaml:2 INVALID_VALUE',
      'nodes.yaml:3 WRONG_TYPE',
    ]);
  });

  test('of the meaning, in the order of the files', () => {
    const files = {
      ...shop,
      'nodes.yaml': 'nodes:\n  us: { connection: dbname=a, metadata_database: x }\n',
      'teams/sales.yaml': 'publications:\n  sales: { node: uss, tables: [a, a] }\n',
    };
    expect(brief(files)).toEqual([
      'teams/eu.yaml:2 UNKNOWN_NODE',
      'teams/eu.yaml:2 UNKNOWN_PUBLICATION',
      'teams/sales.yaml:2 UNKNOWN_NODE',
      'teams/sales.yaml:2 DUPLICATE_ENTRY',
    ]);
  });

  test('of the syntax, in every file at once', () => {
    const files = { ...shop, 'nodes.yaml': 'nodes: [\n', 'teams/eu.yaml': 'nodes:\n\tb: 1\n' };
    expect(brief(files).map((line) => line.replace(/:\d+/, ''))).toEqual([
      'nodes.yaml YAML_SYNTAX',
      'teams/eu.yaml YAML_SYNTAX',
    ]);
  });

  test('a section of the wrong shape is refused where it is shown', () => {
    const files = { ...shop, 'teams/eu.yaml': 'publications: 7\n' };
    expect(brief(files)).toEqual(['teams/eu.yaml:1 WRONG_TYPE']);
  });

  test('nothing is shown of a file that is no part of a topology', () => {
    const files = { ...shop, 'nodes.yaml': 'token: canary\nother: [\n' };
    expect(brief(files)).toEqual(['steep.yaml:2 INCLUDE_NOT_TOPOLOGY']);
    expect(JSON.stringify(load(files).diagnostics)).not.toContain('canary');
  });

  test.each([
    ['brackets', `nodes: ${'['.repeat(2000)}`],
    ['lists in lists', `nodes:\n  ${'- '.repeat(2000)}x`],
    [
      'mappings in mappings',
      Array.from({ length: 100 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    ],
    ['a large text', `nodes:\n${'# x\n'.repeat(400_000)}`],
  ])('%s without measure are refused before they are parsed', (_, text) => {
    expect(brief({ ...shop, 'nodes.yaml': `nodes:\n${text}` })).toEqual([
      'nodes.yaml:1 FILE_TOO_LARGE',
    ]);
  });

  test('a password in an included file is in no snippet', () => {
    const files = { ...shop, 'nodes.yaml': 'nodes:\n  us: { connection: { pasword: canary } }\n' };
    const { diagnostics } = load(files);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics)).not.toContain('canary');
  });
});

describe('what is there twice names both places', () => {
  test.each([
    [
      'a node',
      'nodes:\n  us: { connection: dbname=b }\n',
      '`nodes.us`',
      'nodes.yaml:2',
      'z.yaml:2',
    ],
    ['the policy', 'policy: {}\n', '`policy`', 'steep.yaml:3', 'z.yaml:1'],
    ['the version', 'version: 2\n', '`version`', 'steep.yaml:1', 'z.yaml:1'],
    [
      'a publication',
      '\n\npublications:\n  sales: { node: us, tables: [z] }\n',
      '`publications.sales`',
      'teams/sales.yaml:3',
      'z.yaml:4',
    ],
  ])('%s', (_, text, name, first, second) => {
    const include = 'include: [nodes.yaml, teams/*.yaml, z.yaml]';
    const root = shop['steep.yaml']?.replace(/include.*/, include) ?? '';
    const files = { ...shop, 'steep.yaml': root, 'z.yaml': text };
    expect(brief(files)).toEqual([`${second} DUPLICATE_KEY`]);
    expect(words(files)).toContain(`${name} is defined at ${first} and at ${second}.`);
    expect(load(files).topology).toBeNull();
  });
});

describe('include', () => {
  const withInclude = (include: string, files: Files = {}): Files => ({
    'steep.yaml': `version: 1\ninclude: ${include}\nnodes: { a: { connection: dbname=a } }\n`,
    ...files,
  });

  test('a file that is not there', () => {
    const files = withInclude('[nodes.yaml]');
    expect(brief(files)).toEqual(['steep.yaml:2 INCLUDE_NOT_FOUND']);
    expect(words(files)).toContain('nodes.yaml cannot be read: the file does not exist.');
  });

  test('a file that is not there is the only fault: what it defines would seem to be missing', () => {
    const files = withInclude('[gone.yaml]\nsubscriptions: { s: 7 }');
    expect(brief(files)).toEqual(['steep.yaml:2 INCLUDE_NOT_FOUND']);
  });

  test('a pattern that matches nothing is a warning', () => {
    const files = withInclude('[teams/*.yaml]');
    expect(brief(files)).toEqual(['steep.yaml:2 INCLUDE_EMPTY']);
    expect(load(files).topology).not.toBeNull();
  });

  test('a circle names the whole chain', () => {
    const files = withInclude('[b.yaml]', {
      'b.yaml': 'include: [c/c.yaml]\n',
      'c/c.yaml': '\ninclude: [../b.yaml]\n',
    });
    expect(brief(files)).toEqual(['c/c.yaml:2 INCLUDE_CYCLE']);
    expect(words(files)).toContain('b.yaml -> c/c.yaml -> b.yaml.');
  });

  test('a pattern does not mean its own file, and a file counts once', () => {
    const files = withInclude('["*.yaml", b.yaml]', {
      'b.yaml': 'nodes: { b: { connection: dbname=b } }\n',
    });
    expect(brief(files)).toEqual([]);
    expect(load(files).topology?.desired.nodes).toHaveLength(2);
  });

  test('outside of the project, files are named and not matched', () => {
    const outside = { '../shared/n.yaml': 'nodes: { n: { connection: dbname=n } }\n' };
    expect(brief(withInclude('[../shared/n.yaml]', outside))).toEqual([]);
    expect(brief(withInclude('[../shared/*.yaml]', outside))).toEqual([
      'steep.yaml:2 INCLUDE_OUTSIDE',
    ]);
    expect(brief(withInclude('[/etc/*.yaml]'))).toEqual(['steep.yaml:2 INCLUDE_OUTSIDE']);
  });

  test.each([
    ['a text', 'nodes.yaml', 'WRONG_TYPE'],
    ['a number', '[7]', 'WRONG_TYPE'],
    ['nothing', '[]', 'EMPTY_LIST'],
    ['an empty name', '[""]', 'EMPTY_LIST'],
  ])('%s is refused', (_, include, code) => {
    expect(brief(withInclude(include))).toEqual([`steep.yaml:2 ${code}`]);
  });

  test('without a disk there are no other files', () => {
    const { text, fileName } = inputOf(withInclude('[nodes.yaml]'));
    const { diagnostics } = loadTopology({ text, fileName, environment });
    expect(diagnostics.map(({ code }) => code)).toEqual(['INCLUDE_NOT_FOUND']);
  });
});
