// Runs one step: its statements and its ownership, in one transaction wherever PostgreSQL allows it.
// Where not, ownership is claimed before and given up after, so that nothing steep made is ever foreign.

import type { Executor, RunContext } from '../executors/executor.ts';
import { executorOf, limitsLocks } from '../executors/index.ts';
import { forgetOwnership, writeOwnership } from '../metadata/ownership.ts';
import { assertMayCommit } from '../metadata/run-claim.ts';
import type { Step } from '../model/step/step.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { cancellingOnStop } from './cancel-on-stop.ts';
import { withLockRetries } from './lock-retry.ts';
import { retryRefusals } from './retry-refusals.ts';

interface Job {
  readonly executor: Executor<Step>;
  readonly step: Step;
  readonly context: RunContext;
  /** Where the statements of the step go. */
  readonly session: Session;
  /** Where steep_repl of the node is. */
  readonly metadata: Session;
}

const jobOf = (step: Step, context: RunContext): Job => {
  const executor = executorOf(step);
  const metadata = context.metadata(step.node);
  const session = executor.onMetadata === true ? metadata : context.session(step.node);
  return { executor, step, context, session, metadata };
};

const perform = async ({ executor, step, context, session }: Job): Promise<void> => {
  if (executor.run !== undefined) {
    await executor.run(step, context);
    return;
  }
  await executor.before?.(step, context);
  for (const statement of executor.sql(step)) {
    await retryRefusals(executor.retried, context, async () => {
      await session.query(statement);
    });
  }
};

const remember = async ({ executor, step, context, metadata }: Job): Promise<void> => {
  if (step.unrecorded === true) return;
  const extra = (await executor.finish?.(step, context)) ?? {};
  if (step.owns !== null) await writeOwnership(metadata, step.owns, extra, context.runId);
  for (const address of step.forgets) await forgetOwnership(metadata, address, context.runId);
};

/** Also where there is nothing to claim: a run that was replaced is refused this COMMIT, and does not begin the step. */
const claim = async ({ step, context, session, metadata }: Job): Promise<void> => {
  const { owns } = step;
  if (owns !== null) {
    await metadata.transaction({}, () => writeOwnership(metadata, owns, {}, context.runId));
  }
  if (owns === null || session !== metadata) await assertMayCommit(session);
};

/** Until the end of the transaction. */
const limitLocks = ({ context, session }: Job): Promise<unknown> =>
  session.query(
    sql`SELECT pg_catalog.set_config('lock_timeout', ${`${context.limits.lockTimeoutMs}ms`}, true)`,
  );

const inTransaction = (job: Job, body: () => Promise<void>): Promise<void> =>
  withLockRetries(job.step, job.context, () =>
    job.session.transaction({}, async () => {
      await limitLocks(job);
      await body();
    }),
  );

/** Outside a transaction the limit is the session's, until the step is over. */
const withLimitedLocks = async (job: Job, body: () => Promise<void>): Promise<void> => {
  const { session, context } = job;
  const limit = (value: string): Promise<unknown> =>
    session.query(sql`SELECT pg_catalog.set_config('lock_timeout', ${value}, false)`);
  await limit(`${context.limits.lockTimeoutMs}ms`);
  try {
    await withLockRetries(job.step, context, body);
  } finally {
    if (!session.closed) await limit('0');
  }
};

const performLimited = (job: Job): Promise<void> => {
  if (job.executor.transactional) return inTransaction(job, () => perform(job));
  return limitsLocks(job.executor) ? withLimitedLocks(job, () => perform(job)) : perform(job);
};

/** Executes a step. Fails with the driver's own error, or a SteepError of the executor. */
export const runStep = async (step: Step, context: RunContext): Promise<void> => {
  const job = jobOf(step, context);
  await cancellingOnStop(step, context, () => runJob(job));
  await job.executor.committed?.(step, context);
};

const runJob = async (job: Job): Promise<void> => {
  const { executor, session, metadata } = job;
  if (executor.transactional && session === metadata) {
    await inTransaction(job, async () => {
      await perform(job);
      await remember(job);
    });
    return;
  }
  await claim(job);
  await performLimited(job);
  await metadata.transaction({}, () => remember(job));
};
