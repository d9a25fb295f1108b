// Pairs of topologies that real servers can hold: three nodes, each of which owns a schema and publishes from it
// to the nodes after it. Every table on a subscriber is fed by one subscription at most, so that what must be
// there follows from the files alone.

import fc from 'fast-check';
import type { QualifiedName } from '../../../src/model/identifier.ts';
import type { NodeName } from '../../../src/model/state/address.ts';
import type { TableSelector } from '../../../src/model/state/state.ts';
import { renderTopology } from '../../../src/topology/render.ts';
import type {
  WrittenPublication,
  WrittenSubscription,
} from '../../../src/topology/written-topology.ts';

/** Changes flow from left to right; the schema of a node has its name. */
export const nodeNames = ['a', 'b', 'c'] as const;

/** The last one is partitioned by id: below 10, and above. */
export const tableNames = ['items', 'Odd "Name"', 'orders', 'events'] as const;

export interface RandomTopology {
  readonly publications: readonly WrittenPublication[];
  readonly subscriptions: readonly WrittenSubscription[];
}

export interface RandomPair {
  /** The major of each node. */
  readonly majors: Readonly<Record<NodeName, number>>;
  readonly before: RandomTopology;
  readonly after: RandomTopology;
}

type TableEntry = Extract<TableSelector, { readonly kind: 'table' }>;

/** A filter or a column list on a partitioned table needs publish_via_partition_root. */
const tableOf = (
  schema: string,
  name: string,
  viaPartitionRoot: boolean,
): fc.Arbitrary<TableEntry> => {
  const plain = name === 'events' && !viaPartitionRoot;
  return fc
    .record({
      columns: fc.constantFrom(null, null, ...(plain ? [] : [['id']])),
      where: fc.constantFrom(null, null, ...(plain ? [] : ['id > 1', 'id > 10'])),
      full: fc.constantFrom(false, false, true),
    })
    .map(({ columns, where, full }) => ({
      kind: 'table',
      table: { schema, name },
      columns,
      where,
      // A column list must hold the identity, and the whole row is not in it.
      identity: { mode: full && columns === null ? 'full' : 'default', index: null },
    }));
};

/** Tables of a list, of the whole schema by a wildcard, or the schema itself. */
const content = (
  node: NodeName,
  names: readonly string[],
  viaPartitionRoot: boolean,
): fc.Arbitrary<Pick<WrittenPublication, 'tables' | 'schemas'>> => {
  const list = fc
    .subarray([...names], { minLength: 1 })
    .chain((chosen) => fc.tuple(...chosen.map((name) => tableOf(node, name, viaPartitionRoot))))
    .map((tables) => ({ tables, schemas: [] }));
  if (names.length < tableNames.length) return list;
  const wildcard: TableSelector = { kind: 'schema', schema: node };
  return fc.oneof(
    { weight: 3, arbitrary: list },
    { weight: 1, arbitrary: fc.constant({ tables: [wildcard], schemas: [] }) },
    { weight: 1, arbitrary: fc.constant({ tables: [], schemas: [node] }) },
  );
};

const publication = (
  node: NodeName,
  name: string,
  names: readonly string[],
): fc.Arbitrary<WrittenPublication> =>
  fc.boolean().chain((viaPartitionRoot) =>
    fc
      .record({
        content: content(node, names, viaPartitionRoot),
        publish: fc.subarray(['insert', 'update', 'delete', 'truncate'] as const, { minLength: 1 }),
      })
      .map(({ content: { tables, schemas }, publish }) => ({
        node,
        name,
        tables,
        schemas,
        publish,
        viaPartitionRoot,
        generatedColumns: 'none' as const,
        protect: false,
      })),
  );

/** One publication of everything, or two that share no table; each node but the last publishes. */
const publicationsOf = (node: NodeName): fc.Arbitrary<readonly WrittenPublication[]> =>
  fc.oneof(
    publication(node, `${node}_1`, tableNames).map((one) => [one]),
    fc.subarray([...tableNames], { minLength: 1, maxLength: 3 }).chain((first) =>
      fc
        .tuple(
          publication(node, `${node}_1`, first),
          publication(
            node,
            `${node}_2`,
            tableNames.filter((name) => !first.includes(name)),
          ),
        )
        .map((both) => both),
    ),
  );

type Option = readonly [name: string, value: string];

const everywhere: readonly Option[] = [
  ['binary', 'true'],
  ['streaming', 'on'],
  ['synchronous_commit', 'local'],
  ['disable_on_error', 'true'],
];
const since16: readonly Option[] = [
  ['origin', 'none'],
  ['run_as_owner', 'true'],
];

/** `origin: none` is a request that the publisher must understand too. */
const optionsOf = (major: number): fc.Arbitrary<Readonly<Record<string, string>>> =>
  fc
    .subarray([...everywhere, ...(major < 16 ? [] : since16)])
    .map((chosen) => Object.fromEntries(chosen));

interface Seat {
  readonly node: NodeName;
  readonly source: NodeName;
  readonly publications: readonly string[];
}

const subscription = (
  { node, source, publications }: Seat,
  name: string,
  major: number,
): fc.Arbitrary<WrittenSubscription> =>
  fc
    .record({
      slot: fc.constantFrom(name, name, `${name}_other`),
      enabled: fc.constantFrom(true, true, true, true, true, false),
      options: optionsOf(major),
    })
    .map((rest) => ({
      ...rest,
      node,
      source,
      name,
      publications,
      init: 'parallel' as const,
      protect: false,
      comment: null,
    }));

/** A subscription of all publications of a source, or of one; or one of each. */
const subscriptionsTo = (
  node: NodeName,
  source: NodeName,
  offered: readonly WrittenPublication[],
  major: number,
): fc.Arbitrary<readonly WrittenSubscription[]> => {
  const names = offered.map(({ name }) => name);
  const seat = (publications: readonly string[]): Seat => ({ node, source, publications });
  const first = `${node}_from_${source}`;
  const together = fc
    .subarray(names, { minLength: 1 })
    .chain((chosen) => subscription(seat(chosen), first, major))
    .map((one) => [one]);
  const apart = fc.tuple(
    ...names.map((name, index) => subscription(seat([name]), `${first}_${index}`, major)),
  );
  return fc.oneof(
    { weight: 3, arbitrary: together },
    { weight: 1, arbitrary: apart },
    { weight: 1, arbitrary: fc.constant([]) },
  );
};

const topology = (majors: RandomPair['majors']): fc.Arbitrary<RandomTopology> => {
  const older = (...nodes: readonly NodeName[]): number =>
    Math.min(...nodes.map((node) => majors[node] ?? 0));
  return fc.tuple(publicationsOf('a'), publicationsOf('b')).chain(([ofA, ofB]) =>
    fc
      .tuple(
        subscriptionsTo('b', 'a', ofA, older('a', 'b')),
        subscriptionsTo('c', 'a', ofA, older('a', 'c')),
        subscriptionsTo('c', 'b', ofB, older('b', 'c')),
      )
      .map((subscriptions) => ({
        publications: [...ofA, ...ofB],
        subscriptions: subscriptions.flat(),
      })),
  );
};

/** Two files for the same servers, whose majors are dealt out again each time. */
export const anyPair = (majors: readonly number[]): fc.Arbitrary<RandomPair> =>
  fc
    .shuffledSubarray([...majors], { minLength: nodeNames.length, maxLength: nodeNames.length })
    .chain((dealt) => {
      const of = Object.fromEntries(nodeNames.map((node, index) => [node, dealt[index] ?? 0]));
      return fc.record({ majors: fc.constant(of), before: topology(of), after: topology(of) });
    });

/** steep.yaml. `suffix` keeps slots apart, which are names of a whole cluster. */
export const writeRandomTopology = (
  { publications, subscriptions }: RandomTopology,
  suffix: string,
): string =>
  renderTopology({
    opening: [],
    closing: [],
    nodes: nodeNames.map((name) => ({
      name,
      variable: `${name.toUpperCase()}_URL`,
      replication: null,
      priority: 50,
      metadataDatabase: null,
      comment: null,
    })),
    publications,
    subscriptions: subscriptions.map((sub) => ({ ...sub, slot: `${sub.slot}_${suffix}` })),
  });

/** What a publication sends of a table, as steep.yaml has it; null: nothing. */
export const publishedAs = (
  { node, tables, schemas }: WrittenPublication,
  { schema, name }: QualifiedName,
): Pick<TableEntry, 'columns' | 'where'> | null => {
  if (schema !== node) return null;
  const entry = tables
    .filter((selector) => selector.kind === 'table')
    .find(({ table }) => table.name === name);
  if (entry !== undefined) return entry;
  const whole = schemas.length > 0 || tables.some(({ kind }) => kind === 'schema');
  return whole ? { columns: null, where: null } : null;
};
