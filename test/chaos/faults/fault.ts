// What a fault is: how it strikes a run, and what it does before the command is run again.

import type { RunningCli } from '../../support/cli.ts';
import type { RandomNumbers } from '../../support/plans/random-numbers.ts';
import type { Struck } from '../moment.ts';
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

export interface Fault {
  readonly kind: string;
  /** Only scenes in which it can strike. */
  readonly fits?: (scene: Scene) => boolean;
  /** Strikes only after a copy has begun: before it there is nothing to spoil. */
  readonly late?: true;
  /** Returns what was struck, for the record; null: there was nothing to strike. */
  readonly strike: (struck: Struck, stage: Stage) => Promise<string | null>;
  /** After the struck run has ended, before the next one; null: there was nothing to strike. */
  readonly between?: (stage: Stage) => Promise<string | null>;
}
