// Lets a subscription read tables that are empty on its source, and pauses it: while they are locked there, so that no
// row falls between the look and the refresh, and none comes here before the initial copy has gone the other way.

import { readWalInsertPosition } from '../../catalog/copies/read-progress.ts';
import { readLockedWithRows } from '../../catalog/objects/read-rows.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import type { RefreshWhileEmpty } from '../../model/step/subscription-steps.ts';
import { isCancelled, lockNotGranted } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, ident, join, qualified, type Sql, sql } from '../../postgres/sql/sql.ts';
import type { Executor, RunContext } from '../executor.ts';
import { untilSlotPasses } from '../wait/until-slot-passes.ts';

const enable = (step: RefreshWhileEmpty): readonly Sql[] =>
  step.enable ? [ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} ENABLE`] : [];

/** In this order: REFRESH refuses a disabled one. */
const refreshAndPause = ({ subscription }: RefreshWhileEmpty): readonly Sql[] => [
  ddl`ALTER SUBSCRIPTION ${ident(subscription)} REFRESH PUBLICATION WITH (copy_data = false)`,
  ddl`ALTER SUBSCRIPTION ${ident(subscription)} DISABLE`,
];

const notEmpty = (step: RefreshWhileEmpty, filled: readonly string[]): SteepError =>
  new SteepError(
    'TABLES_NOT_EMPTY',
    `New tables of a pair must be empty on node ${step.source}: ${filled.join(', ')} holds rows, or cannot be read. Nothing was copied.`,
    {
      suggestions: [
        `Empty them on node ${step.source}, and prevent writes there until the run has ended.`,
        'Then run the same command again.',
      ],
    },
  );

/** Everything written so far is read: what of it belongs to the new tables is left out, as it must be. */
const catchUp = async (
  step: RefreshWhileEmpty,
  source: Session,
  timeoutMs: number,
  context: RunContext,
): Promise<void> => {
  const target = await readWalInsertPosition(source);
  await untilSlotPasses({ node: step.source, slot: step.slot, target, timeoutMs }, source, context);
};

/** Writers of the new tables wait so long at most. */
const lockedMs = 30_000;

/** Milliseconds, and as many times the time that a lock is waited for. */
const refreshMs = 3000;
const refreshLocks = 5;

/**
 * A TRUNCATE that is to be applied waits for the lock of the tables, and REFRESH, which asks their node what is published,
 * waits behind it: no server sees that they wait for each other. Let go, the step is tried again.
 */
const refreshInTime = async (step: RefreshWhileEmpty, context: RunContext): Promise<void> => {
  const session = context.session(step.node);
  const limit = Math.max(refreshMs, refreshLocks * context.limits.lockTimeoutMs);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    session.cancel().catch(() => undefined);
  }, limit);
  try {
    for (const statement of refreshAndPause(step)) await session.query(statement);
  } catch (error) {
    if (!late || !isCancelled(error)) throw error;
    throw lockNotGranted(`REFRESH PUBLICATION did not end within ${limit} ms`);
  } finally {
    clearTimeout(timer);
  }
};

const whileLocked = (step: RefreshWhileEmpty, source: Session, context: RunContext) =>
  source.transaction({ readOnly: false }, async () => {
    const { lockTimeoutMs } = context.limits;
    await source.query(
      sql`SELECT pg_catalog.set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`,
    );
    await source.query(ddl`LOCK TABLE ${join(step.tables.map(qualified))} IN SHARE MODE`);
    const filled = [...(await readLockedWithRows(source, step.tables)).keys()];
    if (filled.length > 0) throw notEmpty(step, filled);
    await catchUp(step, source, lockedMs, context);
    await refreshInTime(step, context);
  });

export const refreshWhileEmptyExecutor: Executor<RefreshWhileEmpty> = {
  transactional: false,
  reversible: true,
  limitsLocks: true,
  lock: () => 'SHARE',
  note: (step) => [
    `with ${step.tables.map(formatName).join(', ')} locked and empty on node ${step.source}, and slot ${step.slot} read to the end:`,
  ],
  sql: (step) => [...enable(step), ...refreshAndPause(step)],
  run: async (step, context) => {
    for (const statement of enable(step)) await context.session(step.node).query(statement);
    const source = await context.openSession(step.source);
    try {
      await catchUp(step, source, context.limits.waitTimeoutMs, context);
      await whileLocked(step, source, context);
    } finally {
      await source.close();
    }
  },
};
