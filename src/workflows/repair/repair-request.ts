// What steep repair is asked for, and what its parts get from it.

import type { RepairFinding } from '../../compare/repair/read-rows.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Hazard } from '../../model/plan/hazard.ts';
import type { RepairPlan, RepairReport } from '../../model/report/repair.ts';
import type { VerificationProgress } from '../../model/report/verification.ts';
import type { DesiredSubscription, LiveState } from '../../model/state/state.ts';
import type { Allowed } from '../../run/consent.ts';
import type { OpenNodes } from '../nodes.ts';
import type { OperationRequest } from '../operation/run-operation.ts';
import type { Project } from '../project.ts';

export interface RepairRequest extends OperationRequest {
  /** Path of steep.yaml. */
  readonly file: string;
  /** The address of a subscription, or its name where only one has it. */
  readonly subscription: string;
  /** As SQL names them; null: all. */
  readonly tables: readonly string[] | null;
  /** Path of a CSV report of steep verify, whose rows are looked at instead of all; null: none. */
  readonly from: string | null;
  readonly findings: readonly RepairFinding[];
  /** Nothing is written. */
  readonly dryRun: boolean;
  /** Pieces of an SQL script that does the same, where one is asked for. */
  readonly onScript: ((piece: string) => void) | null;
  /** Sessions that read each node. */
  readonly jobs: number;
  /** Bytes a second that are read of each node; null: as fast as it goes. */
  readonly maxRate: number | null;
  readonly settleMs: number;
  readonly allowed: readonly Allowed[];
  readonly strict: boolean;
  readonly show: (plan: RepairPlan) => void;
  readonly approve: (
    hazards: readonly Hazard[],
  ) => Promise<{ readonly approved: boolean; readonly allowed: readonly Allowed[] }>;
  readonly onProgress: (progress: VerificationProgress) => void;
  readonly onText: (text: string) => void;
}

export interface RepairResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Null: the file is not valid. */
  readonly report: RepairReport | null;
}

/** The edge that is repaired, and both its nodes as they are. */
export interface RepairScene {
  readonly project: Project;
  readonly subscription: DesiredSubscription;
  readonly live: LiveState;
  readonly nodes: OpenNodes;
}
