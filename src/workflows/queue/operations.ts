// What each kind of operation is: the workflow of the command of the same name, with the steep.yaml of the worker. There is no
// second implementation of any of them.

import { copyMethods } from '../../model/copy/copy-method.ts';
import { SteepError } from '../../model/errors.ts';
import type { RunEvent } from '../../model/event.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { type Plan, usualLimits } from '../../model/plan/plan.ts';
import type { QueuedKind, QueuedWork } from '../../model/queue/operation.ts';
import { addressOf } from '../../model/state/address.ts';
import { apply } from '../apply/apply.ts';
import type { ApplyRequest } from '../apply/apply-request.ts';
import { initAuto } from '../init/init.ts';
import { mergeOnePair, planMerge } from '../init/merge-pair.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { snapshotApply } from '../snapshot/snapshot-apply.ts';
import { generate } from '../snapshot/snapshot-generate.ts';
import { verify } from '../verify/verify.ts';
import { failureOfFile, failureOfRun, failureOfVerification } from './failures-of-work.ts';
import {
  allowedOf,
  assertKnown,
  choiceParam,
  flagParam,
  parallelParam,
  textParam,
  textsParam,
} from './read-params.ts';
import { placeBelow } from './snapshot-places.ts';

/** What a worker runs operations with. */
export interface WorkSettings {
  /** Path of steep.yaml. */
  readonly file: string;
  /** Where snapshots may be written and read. */
  readonly snapshots: readonly string[];
  /** Milliseconds to wait for a run that has the lock of a node, before the operation goes back into the queue. */
  readonly waitForLockMs: number;
}

export interface Working extends WorkSettings {
  readonly runtime: RuntimeEnvironment;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  readonly say: (text: string) => void;
  /** Into the audit log, as said of this operation. */
  readonly note: (event: string, detail: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** Null: it is complete. @throws SteepError: why it is not. */
type Operation = (work: QueuedWork, working: Working) => Promise<SteepError | null>;

const minute = 60_000;
const hour = 60 * minute;

/** Dangers that were not allowed are refused: there is no terminal to ask on. */
const runRequest = (
  { node, params }: QueuedWork,
  { file, waitForLockMs, signal, onEvent }: Working,
): Omit<ApplyRequest, 'options' | 'planFile' | 'expectPlanId'> => ({
  file,
  allowed: allowedOf(params, 'allow_hazards', node),
  strict: false,
  limits: { ...usualLimits, lockRetries: 10, waitTimeoutMs: hour, pollMs: 500 },
  wait: true,
  waitForLockMs,
  signal,
  onEvent,
  show: () => undefined,
  approve: () => Promise.resolve({ approved: true, allowed: [] }),
});

const workersOf = ({ params }: QueuedWork) => {
  const parallel = parallelParam(params, 'parallel');
  return parallel === null ? {} : { copyWorkers: parallel };
};

const methodOf = ({ params }: QueuedWork) => {
  const method = choiceParam(params, 'method', copyMethods);
  return method === null ? {} : { copyMethod: method };
};

const runInit: Operation = async (work, working) => {
  assertKnown(work.params, ['source', 'method', 'parallel', 'allow_hazards']);
  const request = {
    ...runRequest(work, working),
    options: { prune: false, ...methodOf(work), ...workersOf(work) },
  };
  const choice = { node: work.node, from: textParam(work.params, 'source') };
  return failureOfRun(await initAuto(choice, request, working.runtime));
};

const runApply: Operation = async (work, working) => {
  assertKnown(work.params, ['path', 'parallel', 'verify', 'plan_id', 'allow_hazards']);
  const { params, node } = work;
  const path = textParam(params, 'path');
  const options = {
    prune: false,
    ...(flagParam(params, 'verify', true) ? {} : { unchecked: true as const }),
    ...workersOf(work),
  };
  const request = { ...runRequest(work, working), options };
  if (path === null) {
    const expectPlanId = textParam(params, 'plan_id');
    return failureOfRun(await apply({ ...request, planFile: null, expectPlanId }, working.runtime));
  }
  const location = placeBelow(path, working.snapshots);
  const choice = { node, location, expectSha256: null };
  return failureOfRun(await snapshotApply(choice, request, working.runtime));
};

const runSnapshot: Operation = async (work, working) => {
  assertKnown(work.params, ['path', 'compression', 'parallel', 'publications', 'tables']);
  const { params, node } = work;
  const { file, waitForLockMs, signal, onEvent, say } = working;
  const request = {
    file,
    node: { node, connection: null, as: node },
    wanted: { tables: textsParam(params, 'tables'), schemas: null },
    location: placeBelow(textParam(params, 'path') ?? missing('path'), working.snapshots),
    publications: textsParam(params, 'publications') ?? [],
    compression: textParam(params, 'compression') ?? 'zstd',
    jobs: parallelParam(params, 'parallel') ?? 4,
    holdTables: false,
    signWith: null,
    slot: null,
    restart: false,
    holdMs: 15 * minute,
    slotTimeoutMs: usualLimits.slotTimeoutMs,
    waitForLockMs,
    signal,
    onProgress: () => undefined,
    onEvent,
    say,
  };
  const result = await generate(request, working.runtime);
  return result.outcome === 'read' ? null : failureOfFile(result.diagnostics);
};

const runMerge: Operation = async (work, working) => {
  assertKnown(work.params, ['peer', 'tables', 'strategy', 'dry_run', 'allow_hazards']);
  const { params, node } = work;
  const pair = {
    node,
    peer: textParam(params, 'peer') ?? missing('peer'),
    tables: textsParam(params, 'tables'),
    strategy: textParam(params, 'strategy'),
  };
  const { file, runtime } = working;
  if (!flagParam(params, 'dry_run', false)) {
    const request = { ...runRequest(work, working), options: { prune: false } };
    return failureOfRun(await mergeOnePair(pair, request, runtime));
  }
  const { diagnostics, plan } = await planMerge(pair, file, runtime);
  if (plan === null) return failureOfFile(diagnostics);
  if (plan.errors.length > 0) return failureOfFile(plan.errors);
  await working.note('merge.planned', { plan_id: plan.planId, hazards: hazardsIn(plan) });
  return null;
};

const runVerify: Operation = async (work, { file, signal, runtime }) => {
  assertKnown(work.params, ['subscription', 'tables', 'fast']);
  const { params, node } = work;
  const request = {
    file,
    addresses: [addressOf(node, 'subscription', textParam(params, 'subscription') ?? '*')],
    tables: textsParam(params, 'tables'),
    fast: flagParam(params, 'fast', false),
    jobs: 1,
    maxRate: null,
    settleMs: minute,
    signal,
    onProgress: () => undefined,
    onRow: () => undefined,
  };
  const { report, diagnostics } = await verify(request, runtime);
  return report === null ? failureOfFile(diagnostics) : failureOfVerification(report);
};

/** Each with its sentence: how many rows, by which rules. Names of objects only, never values of rows. */
const hazardsIn = ({ observed }: Plan): readonly string[] =>
  Object.entries(observed.hazards).map(([hazard, message]) => `${hazard}: ${message}`);

const missing = (name: string): never => {
  throw new SteepError('WORK_INVALID', `The operation has no parameter ${name}.`);
};

/** One for each function start_… of steep_repl. */
const operations: { readonly [K in QueuedKind]: Operation } = {
  snapshot: runSnapshot,
  apply: runApply,
  init: runInit,
  verify: runVerify,
  merge: runMerge,
};

const isKnown = (operation: string): operation is QueuedKind =>
  Object.hasOwn(operations, operation);

/** Runs an operation to its end. @returns why it is not complete, or null. @throws as its command does. */
export const runOperationOf = (work: QueuedWork, working: Working): Promise<SteepError | null> => {
  if (isKnown(work.operation)) return operations[work.operation](work, working);
  throw new SteepError('WORK_INVALID', `There is no operation ${work.operation}.`, {
    exit: ExitCode.usage,
    suggestions: ['Start a worker of the version of steep that queued it.'],
  });
};
