// Waits until the first copy of every table of a subscription is done, and says how far each is.

import { readSubscriptionHealth, type SubscriptionHealth } from '../catalog/read-health.ts';
import {
  readCopiedSizes,
  readSubscriptionProgress,
  type TableSyncProgress,
} from '../catalog/read-progress.ts';
import { noteCopyEnd } from '../metadata/copy-measure.ts';
import { moveInit } from '../metadata/init-state.ts';
import { SteepError } from '../model/errors.ts';
import type { TableProgress } from '../model/event.ts';
import { ExitCode } from '../model/exit-code.ts';
import type { WaitForCopy } from '../model/subscription-steps.ts';
import type { Executor, RunContext } from './executor.ts';

/** So many new failures of a table's copy are no accident: PostgreSQL would try for ever. */
const hopelessErrors = 3;

interface Watch {
  readonly step: WaitForCopy;
  readonly context: RunContext;
  readonly errorsAtStart: number;
  readonly done: Set<string>;
  /** Bytes seen at the last look, to tell a rate. */
  readonly seen: Map<string, { readonly bytes: number; readonly at: number }>;
}

const rateOf = (watch: Watch, table: TableSyncProgress): number | null => {
  const before = watch.seen.get(table.table);
  const at = watch.context.clock();
  watch.seen.set(table.table, { bytes: table.bytesDone, at });
  if (before === undefined || at <= before.at || table.bytesDone < before.bytes) return null;
  return ((table.bytesDone - before.bytes) * 1000) / (at - before.at);
};

const progressOf = (watch: Watch, table: TableSyncProgress): TableProgress => ({
  table: table.table,
  syncState: table.syncState,
  bytesDone: table.bytesDone,
  bytesTotal: null,
  rowsDone: table.rowsDone,
  bytesPerSecond: rateOf(watch, table),
  etaSeconds: null,
});

const announceDone = (watch: Watch, tables: readonly TableSyncProgress[]): void => {
  for (const { table, syncState } of tables) {
    if (syncState !== 'r' || watch.done.has(table)) continue;
    watch.done.add(table);
    watch.context.emit({
      event: 'init.table_complete',
      node_id: watch.step.node,
      subscription: watch.step.subscription,
      table,
      overall_progress: watch.done.size / tables.length,
    });
  }
};

const failed = (step: WaitForCopy, why: string): SteepError =>
  new SteepError(
    'COPY_FAILED',
    `The first copy of ${step.subscription} on node ${step.node} does not get on: ${why}`,
    {
      suggestions: [
        `Read the server log of node ${step.node} for the reason; mend it, and run the same command again.`,
      ],
      exit: ExitCode.notConverged,
    },
  );

/** Throws where waiting is in vain: the copy fails again and again, or the worker was stopped. */
const assertAlive = (
  { step, errorsAtStart }: Watch,
  health: SubscriptionHealth | null,
  waiting: readonly TableSyncProgress[],
): void => {
  const names = waiting.map(({ table }) => table).join(', ');
  if (health === null) throw failed(step, 'the subscription is gone.');
  if (!health.enabled) {
    throw failed(
      step,
      `the subscription was disabled, by hand or by an error (disable_on_error); not ready: ${names}.`,
    );
  }
  if ((health.syncErrors ?? 0) - errorsAtStart >= hopelessErrors) {
    throw failed(
      step,
      `the copy failed ${(health.syncErrors ?? 0) - errorsAtStart} times; not ready: ${names}.`,
    );
  }
};

/** Notes how long the tables took that were still to be copied at first, where nothing went wrong meanwhile. */
const measure = async (watch: Watch, first: readonly TableSyncProgress[]): Promise<void> => {
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

const waitUntilReady = async (watch: Watch): Promise<void> => {
  const { step, context } = watch;
  const session = context.session(step.node);
  const deadline = context.clock() + context.limits.waitTimeoutMs;
  for (;;) {
    const tables = await readSubscriptionProgress(session, step.subscription);
    const waiting = tables.filter(({ syncState }) => syncState !== 'r');
    announceDone(watch, tables);
    if (waiting.length === 0) return;
    assertAlive(watch, await readSubscriptionHealth(session, step.subscription), waiting);
    if (context.clock() > deadline) {
      throw failed(
        step,
        `time is over with ${waiting.length} of ${tables.length} tables not ready: ${waiting.map(({ table }) => table).join(', ')}.`,
      );
    }
    context.progress(
      `${tables.length - waiting.length} of ${tables.length} tables ready`,
      waiting.filter(({ syncState }) => syncState === 'd').map((table) => progressOf(watch, table)),
    );
    await context.sleep(context.limits.pollMs);
  }
};

export const waitForCopy: Executor<WaitForCopy> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: (step) => `-- wait until every table of ${step.subscription} is ready`,
  run: async (step, context) => {
    const session = context.session(step.node);
    const health = await readSubscriptionHealth(session, step.subscription);
    const first = await readSubscriptionProgress(session, step.subscription);
    const errorsAtStart = health?.syncErrors ?? 0;
    const watch: Watch = { step, context, errorsAtStart, done: new Set(), seen: new Map() };
    await waitUntilReady(watch);
    await measure(watch, first);
    await moveInit(context.metadata(step.node), {
      node: step.node,
      subscription: step.subscription,
      to: 'catching_up',
      runId: context.runId,
      emit: context.emit,
    });
  },
};
