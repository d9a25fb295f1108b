// Runs one step: its statements and its ownership, in one transaction wherever PostgreSQL allows it.
// Where not, ownership is claimed before and given up after, so that nothing steep made is ever foreign.

import type { Executor, RunContext } from '../executors/executor.ts';
import { executorOf } from '../executors/index.ts';
import { forgetOwnership, recordOwnership } from '../metadata/ownership.ts';
import type { Step } from '../model/step.ts';
import { sql } from '../postgres/sql.ts';
import { withLockRetries } from './lock-retry.ts';

const perform = async (
  executor: Executor<Step>,
  step: Step,
  context: RunContext,
): Promise<void> => {
  if (executor.run !== undefined) {
    await executor.run(step, context);
    return;
  }
  for (const statement of executor.sql(step)) {
    await context.session(step.node).query(statement);
  }
};

const remember = async (
  executor: Executor<Step>,
  step: Step,
  context: RunContext,
): Promise<void> => {
  const extra = (await executor.finish?.(step, context)) ?? {};
  const metadata = context.metadata(step.node);
  if (step.owns !== null) await recordOwnership(metadata, step.owns, extra, context.runId);
  for (const address of step.forgets) await forgetOwnership(metadata, address, context.runId);
};

const inTransaction = (step: Step, context: RunContext, body: () => Promise<void>): Promise<void> =>
  withLockRetries(step, context, () =>
    context.session(step.node).transaction({}, async (session) => {
      await session.query(
        sql`SELECT pg_catalog.set_config('lock_timeout', ${`${context.limits.lockTimeoutMs}ms`}, true)`,
      );
      await body();
    }),
  );

/** Ownership lives elsewhere, or the statements refuse a transaction: claim, perform, then record. */
const apart = async (executor: Executor<Step>, step: Step, context: RunContext): Promise<void> => {
  if (step.owns !== null) {
    await recordOwnership(context.metadata(step.node), step.owns, {}, context.runId);
  }
  const body = (): Promise<void> => perform(executor, step, context);
  await (executor.transactional ? inTransaction(step, context, body) : body());
  await remember(executor, step, context);
};

/** Carries out a step. Fails with the driver's own error, or a SteepError of the executor. */
export const runStep = async (step: Step, context: RunContext): Promise<void> => {
  const executor = executorOf(step);
  const together = context.session(step.node) === context.metadata(step.node);
  if (!executor.transactional || !together) {
    await apart(executor, step, context);
    return;
  }
  await inTransaction(step, context, async () => {
    await perform(executor, step, context);
    await remember(executor, step, context);
  });
};
