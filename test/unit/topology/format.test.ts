// steep.yaml in its canonical form: what it means stays, its comments stay, and once is enough.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatText } from '../../../src/topology/format.ts';
import { anyTopologyText, commentsIn } from './any-yaml.ts';
import { load, twoNodes } from './marked-file.ts';

test('what it does, in one picture', () => {
  expect(
    formatText(`# The topology of the shop

# yaml-language-server: $schema=steep.schema.json
policy: {max_lag: 16MB}
version:    1

nodes:   # the databases
    # first
    us:
        priority: 90
        connection: '\${US_URL}'

    eu: { priority: 10,   connection: "postgresql://eu" } # the other one
    # there will be more

# what is published

publications:
    "sales":
        tables:
            - orders
            - 'public.*'
            - "*"
        publish:
            - insert # all but
            - update # delete
        node: "us"
    long:
        schemas: [${'a'.repeat(40)}, ${'b'.repeat(40)}, ${'c'.repeat(40)}]
        node: us
        tables:
          - where: >-
                total > 0
                and not archived
            name: '"Odd Name".t'


            columns:

              - id
# the end
`),
  ).toMatchInlineSnapshot(`
    "# The topology of the shop

    # yaml-language-server: $schema=steep.schema.json
    version: 1

    nodes: # the databases
      # first
      us:
        connection: \${US_URL}
        priority: 90

      eu: { connection: postgresql://eu, priority: 10 } # the other one
      # there will be more

    # what is published

    publications:
      sales:
        node: us
        tables: [orders, public.*, "*"]
        publish:
          - insert # all but
          - update # delete
      long:
        node: us
        tables:
          - name: '"Odd Name".t'

            columns: [id]

            where: >-
              total > 0 and not archived
        schemas:
          - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          - bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
          - cccccccccccccccccccccccccccccccccccccccc

    policy: { max_lag: 16MB }
    # the end
    "
  `);
});

test('what an unknown key says stays, behind the known ones', () => {
  expect(formatText('zebra: 1\nnodes: {}\napple: 2\nversion: 1\n')).toBe(
    'version: 1\nnodes: {}\nzebra: 1\napple: 2\n',
  );
});

test('names keep the order that people gave them', () => {
  const text = 'version: 1\nnodes:\n  z: { connection: a }\n  a: { connection: b }\n';
  expect(formatText(text)).toBe(text);
});

test('a file with aliases keeps its order: an alias stands behind its anchor', () => {
  const text = 'nodes:\n  a: &a\n    connection: x\n  b: *a\nversion: 1\n';
  expect(formatText(text)).toBe(text);
});

describe('quotes', () => {
  test.each([
    ['"plain"', 'plain'],
    ["'it''s'", "it's"],
    ['"*"', '"*"'],
    ["'true'", '"true"'],
    ["'12'", '"12"'],
    ['"a: b"', '"a: b"'],
    ["'${X}'", '${X}'],
    ['"two\\nlines"', '"two\\nlines"'],
    ['0x10', '0x10'],
    ['1.50', '1.50'],
    ['~', '~'],
    ['"\\u0000"', '"\\0"'],
  ])('%s becomes %s', (before, after) => {
    expect(formatText(`a: ${before}\n`)).toBe(`a: ${after}\n`);
  });

  test('between brackets more of them are needed', () => {
    expect(formatText(`a: { b: "\${X}", c: 'd,e', "f,g": 'h' }\n`)).toBe(
      'a: { b: "${X}", c: "d,e", "f,g": h }\n',
    );
  });
});

describe('comments', () => {
  test.each([
    ['at the end of a block', 'a:\n  b: 1\n  # end of a\nc: 2\n'],
    ['before the next block', 'a:\n  b:\n    c: 1\n# before d\nd: 2\n'],
    ['at every level', 'a:\n  b:\n    c: 1\n    # 3\n  # 2\n# 1\n'],
    ['with blank lines', '# head\n\n# a\na: 1\n\n# between\n\n# b\nb: 2\n\n# end\n'],
    ['beside', 'a: # a\n  - b # b\n  - c: 1 # c\n    d: | # d\n      text\n'],
    ['under an empty key', 'a:\n# of b\nb: 1\n'],
    ['alone in brackets', 'a:\n  # none\n  []\n', 'a: []\n'],
  ])('%s', (_, text, after = text) => {
    expect(formatText(text).replaceAll(/^ *# none\n/gm, '')).toBe(after);
  });
});

test.each(['\uFEFFa: 1', 'a: 1\r\n', 'a: 1\n\n\n', '\n\na: 1', '---\na: 1\n...\n'])(
  '%j',
  (text) => {
    expect(formatText(text)).toBe('a: 1\n');
  },
);

test('any text: once is enough, nothing is lost, and it means the same', () => {
  fc.assert(
    fc.property(anyTopologyText, (text) => {
      const once = formatText(text);
      expect(formatText(once)).toBe(once);
      expect(commentsIn(once).toSorted()).toEqual(commentsIn(text).toSorted());
      expect(parse(once)).toEqual(parse(text));
      expect(once).toMatch(/[^\n]\n$/);
      expect(once.split('\n').filter((line) => /\s$|\t/.test(line))).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('the desired state is the same before and after', () => {
  const text = `policy: { max_lag: 1GB }
${twoNodes}subscriptions:
  s: { publications: [ 'p' ], options: { origin: none, binary: on }, source: us, node: "eu" }
publications:
  p: { tables: [ { columns: [ b, a ], name: 'T', where: "x > 0" }, "*" ], node: us }
`;
  const places = /"(?:source|origin)":"steep\.yaml:\d+"/g;
  const state = (yaml: string): string => JSON.stringify(load(yaml).topology?.desired);
  expect(load(text).topology).not.toBeNull();
  expect(state(formatText(text)).replace(places, '')).toBe(state(text).replace(places, ''));
});
