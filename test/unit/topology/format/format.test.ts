// steep.yaml in its canonical form: what it means stays, its comments stay, and once is enough.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatText } from '../../../../src/topology/format/format.ts';
import { load, twoNodes } from '../marked-file.ts';
import { anyTopologyText, commentsIn } from './any-yaml.ts';

test('what it does, in one picture', async () => {
  expect(
    await formatText(`# The topology of the shop

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
        connection: "\${US_URL}"
        priority: 90

      eu: { connection: "postgresql://eu", priority: 10 } # the other one
      # there will be more

    # what is published

    publications:
      "sales":
        node: "us"
        tables:
          - orders
          - "public.*"
          - "*"
        publish:
          - insert # all but
          - update # delete
      long:
        node: us
        tables:
          - name: '"Odd Name".t'

            columns:
              - id

            where: >-
              total > 0
              and not archived
        schemas:
          [
            aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,
            bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,
            cccccccccccccccccccccccccccccccccccccccc,
          ]

    policy: { max_lag: 16MB }
    # the end
    "
  `);
});

test('what an unknown key says stays, behind the known ones', async () => {
  expect(await formatText('zebra: 1\nnodes: {}\napple: 2\nversion: 1\n')).toBe(
    'version: 1\nnodes: {}\nzebra: 1\napple: 2\n',
  );
});

test('names keep the order that people gave them', async () => {
  const text = 'version: 1\nnodes:\n  z: { connection: a }\n  a: { connection: b }\n';
  expect(await formatText(text)).toBe(text);
});

test('a file with aliases keeps its order: an alias stands behind its anchor', async () => {
  const text = 'nodes:\n  a: &a\n    connection: x\n  b: *a\nversion: 1\n';
  expect(await formatText(text)).toBe(text);
});

describe('values', () => {
  test.each([
    ['"plain"', '"plain"'],
    ["'it''s'", '"it\'s"'],
    ['\'a "b"\'', '\'a "b"\''],
    ["'12'", '"12"'],
    ['"two\\nlines"', '"two\\nlines"'],
    ['0x10', '0x10'],
    ['1.50', '1.50'],
    ['~', '~'],
    ['"\\u0000"', '"\\u0000"'],
    ['[ a,b ]', '[a, b]'],
    ['{b:  1}', '{ b: 1 }'],
    ['|+ # kept\n  x\n\n\n# c', '"x\\n\\n\\n" # kept\n# c'],
  ])('%s becomes %s', async (before, after) => {
    expect(await formatText(`a: ${before}\n`)).toBe(`a: ${after}\n`);
  });

  test('a long line is broken', async () => {
    const names = ['a', 'b', 'c'].map((letter) => letter.repeat(40));
    expect(await formatText(`a: [${names.join(', ')}]\n`)).toBe(
      `a:\n  [\n${names.map((name) => `    ${name},\n`).join('')}  ]\n`,
    );
  });
});

test.each([
  ['\uFEFFa: 1'],
  ['a: 1\r\n'],
  ['a: 1\n\n\n'],
  ['\n\na: 1'],
  ['%YAML 1.2\n---\na:  1\n', '%YAML 1.2\n---\na: 1\n'],
])('%j', async (text, after = 'a: 1\n') => {
  expect(await formatText(text)).toBe(after);
});

test('what Prettier does not understand is refused without its text', async () => {
  await expect(formatText('a: 1\nb: [ "secret\n')).rejects.toThrow(
    /^The file cannot be formatted: Prettier does not understand line \d\. Nothing was written\.$/,
  );
});

test('any text: once is enough, nothing is lost, and it means the same', async () => {
  await fc.assert(
    fc.asyncProperty(anyTopologyText, async (text) => {
      const once = await formatText(text);
      expect(await formatText(once)).toBe(once);
      expect(commentsIn(once).toSorted()).toEqual(commentsIn(text).toSorted());
      expect(parse(once)).toEqual(parse(text));
      expect(once).toMatch(/[^\n]\n$/);
      expect(once.split('\n').filter((line) => /\s$|\t/.test(line))).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('the desired state is the same before and after', async () => {
  const text = `policy: { max_lag: 1GB }
${twoNodes}subscriptions:
  s: { publications: [ 'p' ], options: { origin: none, binary: on }, source: us, node: "eu" }
publications:
  p: { tables: [ { columns: [ b, a ], name: 'T', where: "x > 0" }, "*" ], node: us }
`;
  const places = /"(?:source|origin)":"steep\.yaml:\d+"/g;
  const state = (yaml: string): string => JSON.stringify(load(yaml).topology?.desired);
  expect(load(text).topology).not.toBeNull();
  expect(state(await formatText(text)).replace(places, '')).toBe(state(text).replace(places, ''));
});
