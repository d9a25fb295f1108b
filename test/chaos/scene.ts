// What a play is about, chosen by its seed: its topology, how rows come first, and which command is struck.

import type { RandomNumbers } from '../support/plans/random-numbers.ts';
import { type ChaosTable, leavesOf, quoted, randomTables } from './tables.ts';
import { commitsTable } from './writer.ts';

export type Shape = 'one-way' | 'fan-out' | 'pair';
export type Init = 'parallel' | 'native' | 'two_phase';
/** `generate`: the files of a snapshot are written, and then copied from. */
export type Operation = 'copy' | 'force' | 'reinit' | 'generate';

/** What a play is about, chosen by its seed. */
export interface Scene {
  readonly shape: Shape;
  readonly init: Init;
  readonly operation: Operation;
  readonly viaRoot: boolean;
  readonly tables: readonly ChaosTable[];
  /** Tables that are copied again, in a reinit. */
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
  const operation =
    shape === 'pair'
      ? 'copy'
      : random.pick<Operation>(['copy', 'copy', 'force', 'reinit', 'generate']);
  const init = operation === 'generate' ? 'two_phase' : randomInit(random, shape, operation);
  return {
    shape,
    init,
    operation,
    viaRoot: random.chance(0.5),
    tables,
    again: tables.map(({ name }) => name).filter(() => random.chance(0.6)),
    held: random.chance(0.2) && (operation === 'generate' || init === 'parallel'),
  };
};

const randomInit = (random: RandomNumbers, shape: Shape, operation: Operation): Init =>
  operation === 'reinit' || shape === 'pair'
    ? 'parallel'
    : random.pick<Init>([
        'parallel',
        'parallel',
        'parallel',
        'two_phase',
        operation === 'force' ? 'parallel' : 'native',
      ]);

export const allTables = ({ tables }: Scene): readonly string[] => [
  ...tables.map(({ name }) => name),
  commitsTable,
];

/** steep.yaml without its nodes; `suffix` makes names of the whole server differ between plays. */
export const topologyOf = (
  scene: Scene,
  targets: readonly string[],
  suffix: string,
  /** Where a snapshot is; null: it is not there yet, and there are no subscriptions. */
  files: string | null,
): object => {
  const tables = allTables(scene).map((name) => `public.${quotedWhereNeeded(name)}`);
  if (scene.shape === 'pair')
    return { pairs: { [`both_${suffix}`]: { nodes: ['source', 'target'], tables } } };
  const init =
    scene.init === 'two_phase'
      ? { method: 'two_phase', snapshot: files, parallel_workers: 2 }
      : { method: 'snapshot', copy: scene.init, parallel_workers: 2 };
  const subscription = (node: string): readonly [string, object] => [
    subscriptionOf(node),
    {
      node,
      source: 'source',
      publications: ['everything'],
      slot: `feed_${node}_${suffix}`,
      init,
    },
  ];
  return {
    publications: {
      everything: { node: 'source', tables, publish_via_partition_root: scene.viaRoot },
    },
    ...(files !== null && { subscriptions: Object.fromEntries(targets.map(subscription)) }),
  };
};

const subscriptionOf = (node: string): string => `feed_${node}`;

/** `--wait-for-lock`: the server may take a moment to notice that a run was killed. */
export const applyArguments: readonly string[] = [
  'apply',
  '--auto-approve',
  '--wait-for-lock',
  '60s',
  '--converge-timeout',
  '90s',
];

export const firstFiles = 'files';

/** Writes the files from which the subscriptions of the scene copy. */
export const generateArguments: readonly string[] =
  `snapshot generate --node source --publication everything --output ${firstFiles}`.split(' ');

/** The command of the play, with the consent that it is known to need. */
export const commandOf = (scene: Scene, targets: readonly string[]): readonly string[] => {
  const holding = scene.held ? ['--hold-tables'] : [];
  if (scene.operation === 'generate') return [...generateArguments, ...holding];
  if (scene.operation === 'reinit') return reinitOf(scene, scene.again);
  const forcing = scene.operation === 'force' ? ['--force', ...targets.flatMap(consentTo)] : [];
  return [...applyArguments, ...holding, ...forcing];
};

/** With all that refer to them: a table that others refer to is not emptied alone. */
const withReferring = ({ tables }: Scene, names: readonly string[]): readonly string[] => {
  const closed = new Set(names);
  // A table refers only to one before it.
  for (const { name, refersTo } of tables)
    if (refersTo !== null && closed.has(refersTo)) closed.add(name);
  return [...closed];
};

/** Copies these tables again, of the first target. */
export const reinitOf = (scene: Scene, names: readonly string[]): readonly string[] => [
  ...applyArguments,
  ...withReferring(scene, names.length > 0 ? names : [commitsTable])
    .flatMap((name) => replicatedAs(scene, name))
    .flatMap((name) => [
      '--reinit',
      `target/copy.${subscriptionOf('target')}:public.${quotedWhereNeeded(name)}`,
    ]),
  ...consentTo('target'),
];

const consentTo = (node: string): readonly string[] => [
  '--allow-hazard',
  `TARGET_TRUNCATE=${node}/subscription.${subscriptionOf(node)}`,
];

/** A partitioned table that is not published by its root is one table for each leaf. */
const replicatedAs = ({ viaRoot, tables }: Scene, name: string): readonly string[] =>
  !viaRoot && tables.some((table) => table.name === name && table.partitioned)
    ? leavesOf(name)
    : [name];

/** As addresses write names. */
const quotedWhereNeeded = (name: string): string =>
  /^[a-z_0-9]+$/.test(name) ? name : quoted(name);
