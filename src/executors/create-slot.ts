// Creates a logical slot. Waits for every open write transaction of the whole cluster, is not undone by
// ROLLBACK, and leaves nothing behind when it is cancelled.

import { readWriters } from '../catalog/read-writers.ts';
import { SteepError } from '../model/errors.ts';
import type { OpenTransaction } from '../model/server.ts';
import type { CreateSlot } from '../model/step.ts';
import { sqlState } from '../postgres/failures.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import type { Executor, RunContext } from './executor.ts';

const queryCanceled = '57014';

const statement = (step: CreateSlot): Sql =>
  sql`SELECT pg_catalog.pg_create_logical_replication_slot(${step.slot}, ${step.plugin})`;

const describeWriter = (writer: OpenTransaction): string =>
  `pid ${writer.pid} (${writer.application || 'no application name'}, database ${writer.database}, ${writer.state}) for ${Math.round(writer.ageSeconds)} s`;

const oldestWriter = async (step: CreateSlot, context: RunContext): Promise<string | null> => {
  const [oldest] = await readWriters(await context.observer(step.node));
  return oldest === undefined ? null : describeWriter(oldest);
};

const timedOut = (step: CreateSlot, writer: string | null, cause: unknown): SteepError =>
  new SteepError(
    'SLOT_TIMEOUT',
    `Creating slot ${step.slot} on node ${step.node} waited too long for open write transactions${writer === null ? '' : `; the oldest: ${writer}`}.`,
    {
      suggestions: [
        'End that transaction, or allow more time with --slot-timeout; then run the same command again.',
      ],
      cause,
    },
  );

/** Names who is waited for, once it takes longer than a moment. */
const watch = (step: CreateSlot, context: RunContext): (() => void) => {
  const timer = setInterval(() => {
    void oldestWriter(step, context).then(
      (writer) => {
        if (writer !== null) context.progress(`waits for ${writer}`);
      },
      () => undefined,
    );
  }, 1000);
  return () => clearInterval(timer);
};

export const createSlot: Executor<CreateSlot> = {
  transactional: false,
  reversible: true,
  limitsSlotWait: true,
  sql: (step) => [statement(step)],
  run: async (step, context) => {
    const session = context.session(step.node);
    const setTimeout = (value: string) =>
      session.query(sql`SELECT pg_catalog.set_config('statement_timeout', ${value}, false)`);
    await setTimeout(`${context.limits.slotTimeoutMs}ms`);
    const unwatch = watch(step, context);
    const cancel = (): void => void session.cancel().catch(() => undefined);
    context.signal.addEventListener('abort', cancel);
    try {
      await session.query(statement(step));
    } catch (error) {
      if (sqlState(error) !== queryCanceled || context.signal.aborted) throw error;
      throw timedOut(step, await oldestWriter(step, context), error);
    } finally {
      unwatch();
      context.signal.removeEventListener('abort', cancel);
      if (!session.closed) await setTimeout('0');
    }
  },
};
