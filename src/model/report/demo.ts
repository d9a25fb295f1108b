// The demo: what it tells act by act, and its report as --json prints it. Without secrets.

import type { ExitCode } from '../plan/exit-code.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunReport } from '../plan/run-report.ts';

export interface DemoNode {
  readonly name: string;
  readonly major: number;
  /** `host:port/database`. */
  readonly endpoint: string;
}

/** One table on all nodes, the publisher first. */
export interface DemoTable {
  readonly table: string;
  readonly rows: readonly { readonly node: string; readonly rows: number }[];
  /** Its initial copy is done on every subscriber. */
  readonly ready: boolean;
  /** As many rows and the same hash everywhere. */
  readonly equal: boolean;
}

/** What is true after the writers stopped. */
export interface DemoComparison {
  /** Every subscriber has confirmed all WAL. */
  readonly caughtUp: boolean;
  readonly tables: readonly DemoTable[];
}

/** What there is to play with while the servers run. */
export interface DemoPlace {
  readonly directory: string;
  /** Name of the file for the shell's `source`, in the directory. */
  readonly envFile: string;
  readonly nodes: readonly DemoNode[];
}

/** A scene as it begins or ends; times are in milliseconds. */
export type DemoScene =
  | { readonly scene: 'starting'; readonly directory: string }
  | { readonly scene: 'started'; readonly place: DemoPlace; readonly ms: number }
  | { readonly scene: 'filling'; readonly nodes: readonly DemoNode[] }
  | { readonly scene: 'filled'; readonly ms: number }
  | { readonly scene: 'written'; readonly file: string; readonly text: string }
  | { readonly scene: 'planning' }
  | { readonly scene: 'planned'; readonly plan: Plan }
  | { readonly scene: 'applying'; readonly publisher: string }
  | {
      readonly scene: 'applied';
      readonly run: RunReport;
      /** Committed on the publisher meanwhile. */
      readonly transactions: number;
    }
  | { readonly scene: 'comparing' }
  | ({ readonly scene: 'compared'; readonly ms: number } & DemoComparison)
  | { readonly scene: 'planning-again' }
  | { readonly scene: 'planned-again'; readonly plan: Plan }
  | { readonly scene: 'kept'; readonly place: DemoPlace }
  | { readonly scene: 'removed'; readonly place: DemoPlace };

export interface DemoReport {
  /** Applied, every table ready, all hashes equal, nothing left to plan. */
  readonly agreed: boolean;
  readonly exit_code: ExitCode;
  readonly directory: string;
  readonly kept: boolean;
  readonly nodes: readonly DemoNode[];
  readonly plan_id: string;
  readonly plan_steps: number;
  readonly run_outcome: RunReport['outcome'];
  readonly transactions_meanwhile: number;
  readonly caught_up: boolean;
  readonly hashes_equal: boolean;
  readonly tables: readonly DemoTable[];
  /** Null: not planned again, because the run had failed. */
  readonly second_plan_id: string | null;
  readonly second_plan_steps: number | null;
  readonly timings_ms: {
    readonly start: number;
    readonly fill: number;
    readonly plan: number;
    readonly apply: number;
    readonly compare: number;
    readonly plan_again: number;
    readonly total: number;
  };
}
