// What a play is about, chosen by its seed: its topology, how rows come first, and what is done with it afterwards.

import type { RandomNumbers } from '../support/plans/random-numbers.ts';
import { type ChaosTable, quoted, randomTables } from './tables.ts';
import { commitsTable } from './writer.ts';

export type Shape = 'one-way' | 'fan-out' | 'pair';
export type Init = 'parallel' | 'native' | 'two_phase' | 'manual';
/** How rows come first: of `generate` from the files of a snapshot, of `complete` from a dump that is joined to a slot. */
export type First = 'copy' | 'force' | 'generate' | 'complete';
/** Before `complete`: the slot and its exported snapshot, at which the rows are dumped. */
export type Preparation = 'prepare';
/** What is done with a subscription that replicates. */
export type FollowUp = 'reinit' | 'reset' | 'full' | 'rename' | 'grow';

/** What a play is about, chosen by its seed. */
export interface Scene {
  readonly shape: Shape;
  readonly init: Init;
  readonly first: First;
  readonly followUps: readonly FollowUp[];
  readonly viaRoot: boolean;
  readonly tables: readonly ChaosTable[];
  /** Tables that are copied again. */
  readonly again: readonly string[];
  /** Its tables are locked against rewrites while they are read. */
  readonly held: boolean;
}

export const randomScene = (random: RandomNumbers, majors: readonly number[]): Scene => {
  const tables = randomTables(random);
  const canPair = majors.every((major) => major >= 16);
  const shape = random.pick<Shape>([
    'one-way',
    'one-way',
    'one-way',
    'fan-out',
    canPair ? 'pair' : 'one-way',
  ]);
  const first = randomFirst(random, shape);
  const init = randomInit(random, shape, first);
  return {
    shape,
    init,
    first,
    followUps: shape === 'pair' ? growthOf(tables) : randomFollowUps(random, init),
    viaRoot: random.chance(0.5),
    tables,
    again: tables.map(({ name }) => name).filter(() => random.chance(0.6)),
    held: random.chance(0.2) && (first === 'generate' || init === 'parallel'),
  };
};

const randomFirst = (random: RandomNumbers, shape: Shape): First =>
  ({
    pair: () => 'copy' as const,
    'fan-out': () => random.pick<First>(['copy', 'copy', 'force', 'generate']),
    'one-way': () => random.pick<First>(['copy', 'copy', 'force', 'generate', 'complete']),
  })[shape]();

const randomInit = (random: RandomNumbers, shape: Shape, first: First): Init => {
  if (first === 'generate') return 'two_phase';
  if (first === 'complete') return 'manual';
  return shape === 'pair' || first === 'force'
    ? 'parallel'
    : random.pick<Init>(['parallel', 'parallel', 'parallel', 'native']);
};

/** A pair takes in one more table; none of its tables is copied again, since it publishes them itself. */
const growthOf = (tables: readonly ChaosTable[]): readonly FollowUp[] =>
  tables.length > 1 ? ['grow'] : [];

/** A rename comes last: a snapshot knows the publication by its name. */
const randomFollowUps = (random: RandomNumbers, init: Init): readonly FollowUp[] => [
  ...(random.chance(0.7)
    ? [random.pick<FollowUp>(init === 'manual' ? ['reinit', 'reset'] : ['reinit', 'reset', 'full'])]
    : []),
  ...(random.chance(0.4) ? (['rename'] as const) : []),
];

/** The table that a pair takes in later: no other refers to it. Null: there is none. */
export const addedTable = ({ followUps, tables }: Scene): string | null =>
  followUps.includes('grow') ? (tables.at(-1)?.name ?? null) : null;

export const allTables = ({ tables }: Scene): readonly string[] => [
  ...tables.map(({ name }) => name),
  commitsTable,
];

/** What of steep.yaml changes between the acts of a play. */
export interface Written {
  /** Where a snapshot is. */
  readonly files: string;
  readonly publication: string;
  /** The pair has all of its tables. */
  readonly grown: boolean;
  /** Without subscriptions the file has only what a snapshot, or a dump, needs. */
  readonly subscribed: boolean;
}

/** Those that are sent by now. */
export const publishedTables = ({
  scene,
  grown,
}: Pick<Written, 'grown'> & { readonly scene: Scene }): readonly string[] =>
  allTables(scene).filter((name) => grown || name !== addedTable(scene));

/** The name of the publication before it is renamed. */
export const firstPublication = 'everything';

/** steep.yaml without its nodes; `suffix` makes names of the whole server differ between plays. */
export const topologyOf = (
  scene: Scene,
  targets: readonly string[],
  suffix: string,
  { files, publication, subscribed, grown }: Written,
): object => {
  const published = publishedTables({ scene, grown });
  const tables = published.map((name) => `public.${quotedWhereNeeded(name)}`);
  if (scene.shape === 'pair')
    return { pairs: { [`both_${suffix}`]: { nodes: ['source', 'target'], tables } } };
  const inits: Readonly<Record<Init, object>> = {
    two_phase: { method: 'two_phase', snapshot: files, parallel_workers: 2 },
    manual: { method: 'manual' },
    parallel: { method: 'snapshot', copy: 'parallel', parallel_workers: 2 },
    native: { method: 'snapshot', copy: 'native', parallel_workers: 2 },
  };
  const subscription = (node: string): readonly [string, object] => [
    subscriptionOf(node),
    {
      node,
      source: 'source',
      publications: [publication],
      slot: `feed_${node}_${suffix}`,
      init: inits[scene.init],
    },
  ];
  const addressOf = (name: string): string => `source/publication.${name}`;
  return {
    publications: {
      [publication]: { node: 'source', tables, publish_via_partition_root: scene.viaRoot },
    },
    ...(subscribed && { subscriptions: Object.fromEntries(targets.map(subscription)) }),
    ...(publication !== firstPublication && {
      renamed: [{ from: addressOf(firstPublication), to: addressOf(publication) }],
    }),
  };
};

export const subscriptionOf = (node: string): string => `feed_${node}`;

/** As addresses write names. */
export const quotedWhereNeeded = (name: string): string =>
  /^[a-z_0-9]+$/.test(name) ? name : quoted(name);
