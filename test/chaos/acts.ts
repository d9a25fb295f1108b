// The acts of a play: one command each, which is struck, and run again until it ends with 0.

import {
  type First,
  type FollowUp,
  firstPublication,
  type Preparation,
  quotedWhereNeeded,
  type Scene,
  subscriptionOf,
} from './scene.ts';
import { leavesOf } from './tables.ts';
import { commitsTable } from './writer.ts';

export type Operation = First | Preparation | FollowUp;

export interface Act {
  readonly operation: Operation;
  /** By which it is known what its runs send. */
  readonly traits: readonly string[];
  /** The command that is struck, with the consent that it is known to need. */
  readonly command: readonly string[];
}

const waitLimits: readonly string[] = [
  '--auto-approve',
  // The server may take a moment to notice that a run was killed.
  '--wait-for-lock',
  '60s',
  '--converge-timeout',
  '90s',
];

export const applyArguments: readonly string[] = ['apply', ...waitLimits];

export const firstFiles = 'files';

/** Writes the files from which the subscriptions of the scene copy. */
const generateArguments: readonly string[] =
  `snapshot generate --node source --publication ${firstPublication} --output ${firstFiles}`.split(
    ' ',
  );

/** In the order in which they are played. */
export const actsOf = (scene: Scene, targets: readonly string[]): readonly Act[] => [
  ...firstActs(scene, targets),
  ...scene.followUps.map((operation) => followUpOf(scene, operation)),
];

const firstActs = (scene: Scene, targets: readonly string[]): readonly Act[] => {
  const { shape, init, first } = scene;
  const holding = scene.held ? ['--hold-tables'] : [];
  const traits = [shape === 'pair' ? 'pair' : init];
  const copy: Act = { operation: 'copy', traits, command: [...applyArguments, ...holding] };
  switch (first) {
    case 'copy':
      return [copy];
    case 'force': {
      const command = [...copy.command, '--force', ...targets.flatMap(consentTo)];
      return [{ operation: first, traits: [...traits, first], command }];
    }
    case 'generate': {
      const command = [...generateArguments, ...holding];
      return [
        { operation: first, traits: [first], command },
        { ...copy, command: applyArguments },
      ];
    }
    case 'complete': {
      const edge = ['target', '--from', 'source'];
      const prepare = ['init', 'prepare', ...edge, '--wait-for-lock', '60s', '--json'];
      return [
        { operation: 'prepare', traits: ['prepare'], command: prepare },
        {
          operation: first,
          traits: [first],
          command: ['init', 'complete', ...edge, ...waitLimits],
        },
      ];
    }
  }
};

const followUpOf = (scene: Scene, operation: FollowUp): Act => {
  const reset = ['init', 'reset', 'target', ...waitLimits, ...consentTo('target')];
  switch (operation) {
    case 'reinit':
      return reinitOf(scene, scene.again);
    case 'reset': {
      const tables = copiedAgain(scene, scene.again).map(
        (name) => `public.${quotedWhereNeeded(name)}`,
      );
      return { operation, traits: ['reinit'], command: [...reset, '--tables', tables.join(',')] };
    }
    case 'full': {
      const replacing = `SUBSCRIPTION_REPLACE=target/subscription.${subscriptionOf('target')}`;
      return {
        operation,
        traits: [scene.init, 'force'],
        command: [...reset, '--full', '--allow-hazard', replacing],
      };
    }
    case 'grow':
      return { operation, traits: ['grow'], command: applyArguments };
    case 'rename':
      return { operation, traits: ['rename'], command: applyArguments };
  }
};

/** With all that refer to them: a table that others refer to is not emptied alone. */
const withReferring = ({ tables }: Scene, names: readonly string[]): readonly string[] => {
  const closed = new Set(names);
  // A table refers only to one before it.
  for (const { name, refersTo } of tables)
    if (refersTo !== null && closed.has(refersTo)) closed.add(name);
  return [...closed];
};

const copiedAgain = (scene: Scene, names: readonly string[]): readonly string[] =>
  withReferring(scene, names.length > 0 ? names : [commitsTable]).flatMap((name) =>
    replicatedAs(scene, name),
  );

/** Copies these tables again, of the first target. */
export const reinitOf = (scene: Scene, names: readonly string[]): Act => {
  const flags = copiedAgain(scene, names).flatMap((name) => [
    '--reinit',
    `target/copy.${subscriptionOf('target')}:public.${quotedWhereNeeded(name)}`,
  ]);
  return {
    operation: 'reinit',
    traits: ['reinit'],
    command: [...applyArguments, ...flags, ...consentTo('target')],
  };
};

const consentTo = (node: string): readonly string[] => [
  '--allow-hazard',
  `TARGET_TRUNCATE=${node}/subscription.${subscriptionOf(node)}`,
];

/** A partitioned table that is not published by its root is one table for each leaf. */
const replicatedAs = ({ viaRoot, tables }: Scene, name: string): readonly string[] =>
  !viaRoot && tables.some((table) => table.name === name && table.partitioned)
    ? leavesOf(name)
    : [name];
