// What a fault is: how it strikes a run, and what it does before the command is run again.

import type { RunningCli } from '../../support/cli.ts';
import type { RandomNumbers } from '../../support/plans/random-numbers.ts';
import type { Act, Operation } from '../acts.ts';
import type { StatementClass, Struck } from '../moment.ts';
import type { Scene } from '../scene.ts';
import type { World } from '../world.ts';

/** What a fault may act upon. */
export interface Stage {
  readonly world: World;
  readonly random: RandomNumbers;
  /** The run that is struck. */
  readonly run: RunningCli;
  /** Work that continues while the run does, and is over before the next one starts; `missed`: it came to nothing. */
  readonly later: (work: Promise<unknown>) => void;
}

export interface RunFault {
  readonly kind: string;
  /** Only where it can strike. */
  readonly fits?: (scene: Scene, act: Act) => boolean;
  /** Strikes only after a copy has begun: before it there is nothing to spoil. */
  readonly late?: true;
  /** Only at these statements, and in acts that have them. */
  readonly at?: readonly StatementClass[];
  /** Only while the server works on a statement. */
  readonly during?: true;
  /** The run is over: nothing strikes it after this. */
  readonly ends?: true;
  /** Returns what was struck, for the record; null: there was nothing to strike. */
  readonly strike: (struck: Struck, stage: Stage) => Promise<string | null>;
  /** After the struck run has ended, before the next one; null: there was nothing to strike. */
  readonly between?: (stage: Stage) => Promise<string | null>;
}

/** Comes when the command has ended with 0, and is not run again. */
export interface AfterFault {
  readonly kind: string;
  readonly after: (world: World, random: RandomNumbers) => Promise<string>;
}

export type Fault = RunFault | AfterFault;

/** `fits` of faults that only some operations can have. */
export const onlyIn =
  (...operations: readonly Operation[]) =>
  (_: Scene, { operation }: Act): boolean =>
    operations.includes(operation);
