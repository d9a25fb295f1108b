// Arbitrary topologies to write, with names that YAML, SQL or JavaScript may take for something else.

import fc from 'fast-check';
import type { TableSelector } from '../../../src/model/state/state.ts';
import type {
  WrittenNode,
  WrittenPublication,
  WrittenSubscription,
  WrittenTopology,
} from '../../../src/topology/written-topology.ts';

/** What YAML, SQL or JavaScript may take for something else. */
// biome-ignore format: a list of words, not a column.
const awkward = [
  'null', 'true', 'on', '~', '1', '0x1f', '1e3', '.inf', '2024-01-01', '<<', '=', '---', '...', '*', '*.x', 'a.*', '&a',
  '!tag', '- x', '? x', '# x', 'a: b', 'a #b', "it's", '"quoted"', '%x', '{a}', '[a]', `\${HOME}`, '\\n', ' lead', 'trail ',
  'a\nb', '\n', '\t', '\r', 'a\u2028b', '\u0085', 'Größe', '\u{1f418}', '\ufeff', '\u0007', 'a\u202eb', '\u009b', 'select', 'UPPER',
  'constructor', 'toString', '@', '`',
] as const;

const name = fc.oneof(
  fc.constantFrom(...awkward),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 15 }).filter((text) => !text.includes('\0')),
);
const slot = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/).filter((text) => text !== 'none');
/** Of a connection: no reference to the environment, and one server. */
const keyword = name.filter((text) => !text.includes('${') && !text.includes(','));
const filter = name.map((text) => `note <> '${text}'`);
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 12 }).map((all) => all.toSorted());

const nodeNames = ['a', '2', 'null', 'true', '1.5'] as const;

const table: fc.Arbitrary<TableSelector> = fc.record({
  kind: fc.constant('table' as const),
  table: fc.record({ schema: name, name }),
  columns: fc.option(names, { nil: null }),
  where: fc.option(filter, { nil: null }),
  identity: fc.option(
    fc.oneof(
      fc.constant({ mode: 'full' as const, index: null }),
      name.map((index) => ({ mode: 'index' as const, index })),
    ),
    { nil: null },
  ),
});

const operations = fc.subarray(['insert', 'update', 'delete', 'truncate'] as const, {
  minLength: 1,
});

const publication: fc.Arbitrary<WrittenPublication> = fc.record({
  node: fc.constantFrom(nodeNames[0], nodeNames[1]),
  name,
  tables: fc.oneof(
    fc.constant([{ kind: 'all' as const }]),
    name.map((schema) => [{ kind: 'schema' as const, schema }]),
    fc.uniqueArray(table, { minLength: 1, maxLength: 3, selector: tableKey }),
  ),
  schemas: fc.constant([]),
  publish: operations,
  viaPartitionRoot: fc.boolean(),
  generatedColumns: fc.constantFrom('none' as const, 'stored' as const),
  protect: fc.boolean(),
});

const node = (named: string): fc.Arbitrary<WrittenNode> =>
  fc.record({
    name: fc.constant(named),
    variable: fc.constant(`NODE_${named.replace('.', '_').toUpperCase()}_URL`),
    replication: fc.option(
      fc.record({
        host: keyword,
        port: fc.constantFrom('5432', '05432'),
        dbname: keyword,
        password_env: fc.constant('SECRET'),
      }),
    ),
    priority: fc.integer({ min: 1, max: 100 }),
    metadataDatabase: fc.option(name, { nil: null }),
    comment: fc.option(name, { nil: null }),
  });

/** Edges from the first two nodes to the others, so that no change runs in a circle. */
const subscription = (
  { node: source, name: published }: WrittenPublication,
  index: number,
): fc.Arbitrary<WrittenSubscription> =>
  fc.record({
    node: fc.constantFrom(...nodeNames.slice(2)),
    name: name.map((text) => `${index}${text}`),
    source: fc.constant(source),
    publications: fc.constant([published]),
    slot: slot.map((text) => `${text}_${index}`),
    enabled: fc.boolean(),
    options: fc.record(
      {
        binary: fc.constantFrom('true', 'false'),
        origin: fc.constantFrom('any', 'none'),
        streaming: fc.constantFrom('on', 'off', 'parallel'),
      },
      { requiredKeys: [] },
    ),
    init: fc.constantFrom('parallel' as const, 'native' as const, 'none' as const),
    protect: fc.boolean(),
    comment: fc.option(name, { nil: null }),
  });

export const topologies: fc.Arbitrary<WrittenTopology> = fc
  .uniqueArray(publication, { maxLength: 3, selector: (it) => it.name })
  .chain((publications) =>
    fc.record({
      opening: fc.array(name, { maxLength: 2 }),
      nodes: fc.tuple(...nodeNames.map(node)),
      publications: fc.constant(publications),
      subscriptions: fc.tuple(...publications.map(subscription)),
      closing: fc.array(name, { maxLength: 2 }),
    }),
  );

/** Every variable that they name. */
export const environment: Readonly<Record<string, string>> = {
  SECRET: 'canary',
  ...Object.fromEntries(
    nodeNames.map((it) => [
      `NODE_${it.replace('.', '_').toUpperCase()}_URL`,
      `host=${it} dbname=x`,
    ]),
  ),
};

function tableKey(selector: TableSelector): string {
  return selector.kind === 'table' ? JSON.stringify(selector.table) : selector.kind;
}
