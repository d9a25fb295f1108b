// Waits until the initial copy of every table of a subscription is done, and says how far each is.

import { readCopiedSizes, readSubscriptionProgress } from '../../catalog/copies/read-progress.ts';
import { readSubscriptionHealth } from '../../catalog/edge/read-subscription-health.ts';
import { readCancelRequested } from '../../catalog/metadata/read-cancel-requested.ts';
import { readWhichHaveRows } from '../../catalog/objects/read-rows.ts';
import { noteCopyEnd } from '../../metadata/copy-measure.ts';
import type { SubscriptionHealth, TableSyncProgress } from '../../model/edge/edge-reading.ts';
import { SteepError } from '../../model/errors.ts';
import { listNames } from '../../model/listing.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { WaitForCopy } from '../../model/step/subscription-steps.ts';
import type { Executor } from '../executor.ts';
import { pausesOf } from '../executor.ts';
import { cancelledElsewhere } from './until-cancelled.ts';
import { type CopyWatch, tellCopied, tellCopy, tellFailed, watchCopy } from './until-copied.ts';

/** So many new failures of a table's copy are no accident: PostgreSQL would try indefinitely. */
const hopelessErrors = 3;

const failed = (step: WaitForCopy, why: string, filled: readonly string[]): SteepError =>
  new SteepError(
    'COPY_FAILED',
    `The initial copy of ${step.subscription} on node ${step.node} makes no progress: ${why}`,
    {
      suggestions: [
        ...(filled.length === 0
          ? []
          : [
              `Node ${step.node} has rows that this copy did not write, in ${listNames(filled)}. A copy fails where a row with the same key is there already. If these rows are not needed, run on node ${step.node}: TRUNCATE TABLE ${filled.join(', ')};`,
            ]),
        `Read the server log of node ${step.node} for the reason, correct it, and run the same command again.`,
      ],
      exit: ExitCode.notConverged,
    },
  );

/** Tables whose copy is not done: it commits its rows at its end, so that all rows that are seen are of others. */
const filledBefore = async (
  { step, context }: CopyWatch,
  waiting: readonly TableSyncProgress[],
): Promise<readonly string[]> => {
  const names = waiting.filter(({ syncState }) => 'id'.includes(syncState)).map(({ name }) => name);
  const found = await readWhichHaveRows(context.session(step.node), names).catch(() => []);
  return [...found].filter(([, rows]) => rows === 'rows').map(([table]) => table);
};

/** Why waiting cannot succeed: the copy fails again and again, or the worker was stopped; null: it is not. */
const reasonToGiveUp = (
  errorsAtStart: number,
  health: SubscriptionHealth | null,
  waiting: readonly TableSyncProgress[],
): string | null => {
  const names = waiting.map(({ table }) => table).join(', ');
  if (health === null) return 'the subscription does not exist any more.';
  if (!health.enabled) {
    return `the subscription was disabled, by hand or by an error (disable_on_error); not ready: ${names}.`;
  }
  const errors = (health.syncErrors ?? 0) - errorsAtStart;
  return errors >= hopelessErrors ? `the copy failed ${errors} times; not ready: ${names}.` : null;
};

const assertAlive = async (
  watch: CopyWatch,
  health: SubscriptionHealth | null,
  waiting: readonly TableSyncProgress[],
): Promise<void> => {
  const why = reasonToGiveUp(watch.errorsAtStart, health, waiting);
  if (why === null) return;
  const failure = failed(watch.step, why, await filledBefore(watch, waiting));
  await tellFailed(watch, waiting, [failure.message, ...failure.suggestions].join(' '));
  throw failure;
};

const assertWanted = async ({ step, context }: CopyWatch): Promise<void> => {
  const { node, subscription } = step;
  if (await readCancelRequested(context.metadata(node), node, subscription)) {
    throw cancelledElsewhere(step);
  }
};

/** Notes how long the tables took that were still to be copied at first, where nothing went wrong meanwhile. */
const measure = async (watch: CopyWatch, first: readonly TableSyncProgress[]): Promise<void> => {
  const { step, context, errorsAtStart } = watch;
  const session = context.session(step.node);
  const copied = first.filter(({ syncState }) => syncState === 'i' || syncState === 'd');
  const health = await readSubscriptionHealth(session, step.subscription);
  if (copied.length === 0 || (health?.syncErrors ?? 0) > errorsAtStart) return;
  const sizes = await readCopiedSizes(session, step.subscription);
  const bytes = copied.reduce((sum, { table }) => sum + (sizes.get(table) ?? 0), 0);
  const copy = { node: step.node, subscription: step.subscription, runId: context.runId };
  await noteCopyEnd(context.metadata(step.node), copy, bytes);
};

const waitUntilReady = async (watch: CopyWatch): Promise<void> => {
  const { step, context } = watch;
  const session = context.session(step.node);
  const deadline = context.clock() + context.limits.waitTimeoutMs;
  const pause = pausesOf(context);
  for (;;) {
    const tables = await readSubscriptionProgress(session, step.subscription);
    const waiting = tables.filter(({ syncState }) => syncState !== 'r');
    await tellCopy(watch, tables);
    if (waiting.length === 0) return;
    await assertWanted(watch);
    await assertAlive(watch, await readSubscriptionHealth(session, step.subscription), waiting);
    if (context.clock() > deadline) {
      throw failed(
        step,
        `the time limit was reached with ${waiting.length} of ${tables.length} tables not ready: ${waiting.map(({ table }) => table).join(', ')}.`,
        await filledBefore(watch, waiting),
      );
    }
    await pause();
  }
};

export const waitForCopyExecutor: Executor<WaitForCopy> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: (step) => [`wait until every table of ${step.subscription} is ready`],
  run: async (step, context) => {
    const session = context.session(step.node);
    const health = await readSubscriptionHealth(session, step.subscription);
    const first = await readSubscriptionProgress(session, step.subscription);
    const watch = await watchCopy(step, context, first, health);
    await waitUntilReady(watch);
    await measure(watch, first);
    await tellCopied(watch);
  },
};
