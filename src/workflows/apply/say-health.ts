// Where a plan has nothing to do: what status would say of its edges. A broken one is no success.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { EdgeStatus } from '../../model/edge/edge-health.ts';
import { lacksRows } from '../../model/edge/gap-checks.ts';
import { isSetBack, losesChanges } from '../../model/edge/slot-checks.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { RunReport } from '../../model/plan/run-report.ts';
import { addressOf } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { OpenNodes } from '../nodes.ts';
import { examineEdges } from '../observe/examine-edges.ts';
import type { Run } from '../operation/open-run.ts';
import type { Project } from '../project.ts';
import { awaitedEdges } from './awaited-edges.ts';
import { type Loss, noteLosses } from './note-losses.ts';

export interface HealthSaid {
  /** Null: no edge is broken. */
  readonly report: RunReport | null;
  /** Edges that are still on their way. */
  readonly notes: readonly Diagnostic[];
}

const addressOfEdge = ({ node, subscription }: EdgeStatus): string =>
  addressOf(node, 'subscription', subscription);

const sentenceOf = (edge: EdgeStatus): string =>
  [`${addressOfEdge(edge)}: ${edge.verdict.reason ?? ''}`, ...edge.verdict.cure].join(' ');

const noteOf = (edge: EdgeStatus): Diagnostic => ({
  severity: 'warning',
  code: 'NOT_CONVERGED',
  summary: 'An edge has not converged yet',
  detail: sentenceOf(edge),
  suggestions: ['steep status'],
  address: addressOfEdge(edge),
});

/** A subscription in step whose slot lost changes, or that lacks rows for another reason; or any whose publisher was set back. */
const hasLost = (edge: EdgeStatus): boolean =>
  isSetBack(edge) || (edge.initState === 'synchronized' && (losesChanges(edge) || lacksRows(edge)));

const lossOf = (edge: EdgeStatus): Loss => ({
  ...edge,
  error: sentenceOf(edge),
  setBack: isSetBack(edge),
});

/** Looks at what the plan answers for, and at nothing else of the file. */
export const sayHealth = async (
  plan: Plan,
  project: Project,
  nodes: OpenNodes,
  live: LiveState,
  run: Pick<Run, 'identity' | 'runtime' | 'emit'>,
): Promise<HealthSaid> => {
  const {
    identity: { runId },
    runtime,
  } = run;
  const awaited = new Set(
    awaitedEdges(plan, project.desired).map(({ node, subscription }) =>
      addressOf(node, 'subscription', subscription),
    ),
  );
  if (awaited.size === 0) return { report: null, notes: [] };
  const started = runtime.clock();
  const { edges } = await examineEdges(project, nodes, live);
  const unwell = edges.filter(
    (edge) => awaited.has(addressOfEdge(edge)) && edge.verdict.health !== 'ok',
  );
  const broken = unwell.filter(({ verdict }) => verdict.health === 'broken');
  const notes = unwell.filter(({ verdict }) => verdict.health !== 'broken').map(noteOf);
  if (broken.length === 0) return { report: null, notes };
  const losses = broken.filter(hasLost).map(lossOf);
  await noteLosses(losses, nodes, { runId, emit: run.emit });
  const report: RunReport = {
    runId,
    planId: plan.planId,
    outcome: 'not-converged',
    exit: ExitCode.notConverged,
    behind: broken.map(sentenceOf),
    ...(plan.targeting === undefined ? {} : { targeted: true }),
    steps: [],
    durationMs: Math.round(runtime.clock() - started),
  };
  return { report, notes };
};
