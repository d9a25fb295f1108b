// A primitive: one change, made from what is there now. Planned, shown, agreed to and applied as steep apply does it.

import { requestCancel } from '../../metadata/request-cancel.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { withoutSecrets } from '../../model/known-secrets.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { exitOfErrors } from '../../model/plan/exit-of-errors.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { SingleChange } from '../../model/plan/single-change.ts';
import { parseAddress } from '../../model/state/address.ts';
import { renderPlanFile } from '../../planner/plan/plan-file.ts';
import { applyProject } from '../apply/apply.ts';
import { blockedBy } from '../apply/apply-gate.ts';
import type { ApplyRequest, ApplyResult } from '../apply/apply-request.ts';
import { type OpenNodes, openNodes } from '../nodes.ts';
import { type Run, withRun } from '../operation/open-run.ts';
import { auditOperation } from '../operation/run-operation.ts';
import { type PlanningOptions, planNow } from '../plan/plan.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { findPlace, type PlaceRequest } from './place.ts';
import { type Asked, askedFor, type Request } from './requested-change.ts';
import { withItsEdge } from './with-its-edge.ts';

export interface ChangeRequest
  extends Omit<ApplyRequest, 'file' | 'planFile' | 'expectPlanId' | 'options'> {
  readonly place: PlaceRequest;
  readonly asked: Request;
}

const optionsOf = ({ change, options = {} }: Asked): PlanningOptions => ({
  prune: false,
  target: [change.address],
  ...options,
  change,
});

/** Makes the change. @throws SteepError as apply does. */
export const changeOne = async (
  request: ChangeRequest,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const { place, diagnostics } = await findPlace(request.place, runtime);
  if (place === null) return { diagnostics, plan: null, report: null, declined: false };
  const asked = askedFor(request.asked, place);
  return withRun(request, runtime, async (run) => {
    const nodes = await run.open(asked.project.desired.nodes, asked.project.connections);
    const project = await withItsEdge(asked, nodes, runtime);
    const options = optionsOf(asked);
    const applying = {
      ...request,
      approve: approving(request, asked.change, nodes),
      file: request.place.file,
      planFile: null,
      expectPlanId: null,
      options,
    };
    const { notes = [], ...applied } = await recorded(asked.change, run, () =>
      applyProject(applying, project, nodes, run),
    );
    return { ...applied, diagnostics: [...diagnostics, ...notes] };
  });
};

/** A run that makes the copy sees within a second that it is to end; it rolls back what it has made. */
const approving =
  (
    { approve }: ChangeRequest,
    { verb, address }: SingleChange,
    { metadata }: OpenNodes,
  ): ApplyRequest['approve'] =>
  async (hazards) => {
    const answer = await approve(hazards);
    const { node, name } = parseAddress(address);
    const session = metadata.get(node);
    if (verb === 'cancel' && answer.approved && session !== undefined) {
      await requestCancel(session, node, [name]);
    }
    return answer;
  };

/** No row of steep_repl.objects tells of it: the audit log does, on each node that was locked. */
const recorded = async <T extends Pick<ApplyResult, 'report'>>(
  { verb, address }: SingleChange,
  run: Run,
  body: () => Promise<T>,
): Promise<T> => {
  const subject = `${verb} ${address}`;
  const result = await body();
  const exit = result.report?.exit ?? 0;
  await auditOperation(run, subject, exit === 0 ? null : `EXIT_${exit}`);
  return result;
};

export interface ShownChange {
  readonly diagnostics: readonly Diagnostic[];
  readonly plan: Plan | null;
  /** The plan in its file form. */
  readonly document: string | null;
  readonly exit: ExitCode;
}

/** Only plans it. Read-only; takes no lock. */
const planOne = async (
  request: Pick<ChangeRequest, 'place' | 'asked' | 'limits'>,
  runtime: RuntimeEnvironment,
): Promise<ShownChange> => {
  const startedAt = runtime.clock();
  const { place, diagnostics } = await findPlace(request.place, runtime);
  if (place === null) {
    return { diagnostics, plan: null, document: null, exit: ExitCode.invalidFile };
  }
  const asked = askedFor(request.asked, place);
  const opened = { applicationName: 'steep plan', readOnly: true };
  const { desired, connections } = asked.project;
  const nodes = await openNodes(desired.nodes, connections, opened, runtime);
  try {
    const project = await withItsEdge(asked, nodes, runtime);
    const { lockTimeoutMs, slotTimeoutMs } = request.limits;
    const options = { ...optionsOf(asked), limits: { lockTimeoutMs, slotTimeoutMs } };
    const plan = await planNow(project, nodes, options, runtime, startedAt);
    const document = withoutSecrets(renderPlanFile(plan));
    return { diagnostics, plan, document, exit: exitOf(plan) };
  } finally {
    await nodes.close();
  }
};

/** What is unknown outranks what would be refused. */
const exitOf = (plan: Plan): ExitCode => {
  const exit = exitOfErrors(plan.errors);
  if (exit !== ExitCode.done) return exit;
  return blockedBy(plan) === null ? ExitCode.done : ExitCode.refused;
};

/** For the commands. */
export const primitives = { apply: changeOne, plan: planOne };
