// A rendered file is read back as the topology that it was made of, whatever the names are.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { isPrintable } from '../../../src/model/printable.ts';
import { blockAt } from '../../../src/topology/block-at.ts';
import { formatText } from '../../../src/topology/format/format.ts';
import { type LoadedTopology, loadTopology } from '../../../src/topology/load.ts';
import { renderTopology } from '../../../src/topology/render.ts';
import type { WrittenNode, WrittenTopology } from '../../../src/topology/written-topology.ts';
import { environment, topologies } from '../../support/plans/written-topologies.ts';

const load = (text: string): LoadedTopology =>
  loadTopology({ text, fileName: 'steep.yaml', environment });

const byName = <T extends { readonly name: string }>(all: readonly T[] = []) =>
  new Map(all.map((one) => [one.name, one]));

/** Tables in any order, as one text. */
const asSet = (items: readonly unknown[]): readonly string[] =>
  items.map((item) => JSON.stringify(item)).toSorted();

/** The node's own connection is in the environment as `host=NAME dbname=x`. */
function expectWay(way: Conninfo | undefined, { name, replication }: WrittenNode): void {
  const { host = name, dbname = 'x', port } = replication ?? {};
  const password = replication === null ? undefined : 'canary';
  const keywords = ['host', 'dbname', 'port', 'password'];
  expect(keywords.map((keyword) => way?.get(keyword))).toEqual([host, dbname, port, password]);
}

test('what is rendered is read back as the same', () => {
  fc.assert(
    fc.property(topologies, (written) => {
      const text = renderTopology(written);
      expect(text.split('\n').filter((line) => !isPrintable(line))).toEqual([]);
      const { topology, diagnostics } = load(text);
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      const { nodes, publications, subscriptions } = topology?.desired ?? {};
      expect(nodes).toHaveLength(written.nodes.length);
      expect(publications).toHaveLength(written.publications.length);
      expect(subscriptions).toHaveLength(written.subscriptions.length);
      for (const node of written.nodes) {
        const { name, priority, metadataDatabase } = node;
        expect(byName(nodes).get(name)).toMatchObject({ priority, metadataDatabase });
        expectWay(topology?.connections.replication[name], node);
      }
      for (const { tables, ...rest } of written.publications) {
        const found = byName(publications).get(rest.name);
        expect(found).toMatchObject(rest);
        expect(asSet(found?.tables ?? [])).toEqual(asSet(tables));
      }
      for (const { comment: _comment, ...rest } of written.subscriptions) {
        const found = byName(subscriptions).get(rest.name);
        expect(found).toMatchObject(rest);
        expect(found?.options).toEqual(rest.options);
      }
    }),
    { numRuns: 300 },
  );
});

const small: WrittenTopology = {
  opening: ['Written by a test.'],
  nodes: [
    {
      name: 'a',
      variable: 'A_URL',
      replication: null,
      priority: 50,
      metadataDatabase: null,
      comment: null,
    },
  ],
  publications: [
    {
      node: 'a',
      name: 'p',
      schemas: ['Odd'],
      protect: false,
      generatedColumns: 'none',
      publish: ['insert', 'update', 'delete', 'truncate'],
      viaPartitionRoot: false,
      tables: [],
    },
  ],
  subscriptions: [],
  closing: ['One line\nname: x', 'word '.repeat(40).trim()],
};

test('looks like this', () => {
  expect(renderTopology(small)).toMatchInlineSnapshot(`
    "# yaml-language-server: $schema=./node_modules/steep/schemas/steep.schema.json
    # Written by a test.

    version: 1

    nodes:
      a:
        connection: \${A_URL}

    publications:
      p:
        node: a
        schemas: ['"Odd"']

    # One line�name: x
    # word word word word word word word word word word word word word word word word word word word
    #   word word word word word word word word word word word word word word word word word word word
    #   word word
    "
  `);
});

test('fmt has nothing to change in it', async () => {
  const [first] = small.publications;
  const publications = [first, { ...first, name: 'a\u202e\n\u0085b', schemas: ['a\nb', '\u2028'] }];
  const text = renderTopology({ ...small, publications } as WrittenTopology);
  expect(text).toContain(String.raw`"a\u202e\n\x85b":`);
  expect(await formatText(text)).toBe(text);
});

test('a line is traced to its block', () => {
  const lines = renderTopology(small).split('\n');
  const blockOf = (start: string) =>
    blockAt(lines.join('\n'), 1 + lines.findIndex((line) => line.startsWith(start)));
  const p = { section: 'publications', name: 'p' };
  expect(blockOf('  p:')).toEqual(p);
  expect(blockOf('    schemas:')).toEqual(p);
  expect(blockOf('version')).toBeNull();
  expect(blockOf('    connection')).toBeNull();
});
