// Brings a slot past the creation or the renaming of publications. Each change is read with the catalogs of its own time: what
// was written before can be read under the former names only, what was written after under the new ones only, and the
// transactions of the two may commit in turns. The subscription reads under the one as far as that goes; the slot is moved to
// there, past what was not published; then under the other. Where that is, is found by trying: no catalog tells it.

import { readSlotLag } from '../../catalog/copies/read-progress.ts';
import type { SlotLag } from '../../model/edge/edge-reading.ts';
import { SteepError } from '../../model/errors.ts';
import { lsnDistance } from '../../model/lsn.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { AdvanceSlot } from '../../model/step/step.ts';
import { sqlState } from '../../postgres/failures.ts';
import { ddl, sql } from '../../postgres/sql/sql.ts';
import type { Executor, RunContext } from '../executor.ts';
import { setPublicationsSql } from '../subscription/subscription-sql.ts';
import { slotGone } from '../wait/until-slot-passes.ts';
import { promptSlot } from '../wait/until-slot-saved.ts';
import { untilTransactionsEnd } from '../wait/until-transactions-end.ts';
import { boundaryOf } from './boundary.ts';
import { type Advance, pause, tryList, untilApplied, whileUnread } from './slot-trials.ts';

type List = readonly string[];

const insufficientPrivilege = '42501';

const notReadable = ({ step }: Advance): SteepError => {
  const address = `${step.subscriber}/subscription.${step.subscription}`;
  return new SteepError(
    'NOT_CONVERGED',
    `Slot ${step.slot} on node ${step.node} holds a transaction that can be read neither with publication ${step.former.join(', ')} nor with ${step.publications.join(', ')}: it wrote both before and after the rename, or while neither publication existed.`,
    {
      suggestions: [`Copy the tables again: ${steepCommand`steep apply --reinit ${address}`}`],
      exit: ExitCode.notConverged,
    },
  );
};

/** Saves the moved slot now, where the role may: else the next checkpoint does it. */
const save = async ({ step, context }: Advance): Promise<void> => {
  try {
    await context.session(step.node).query(ddl`CHECKPOINT`);
  } catch (error) {
    if (sqlState(error) !== insufficientPrivilege) throw error;
  }
};

/** Moves the slot to just before the transaction that `list` cannot read, of which `failedAt` is a change. */
const moveTo = async (
  advance: Advance,
  list: List,
  next: List,
  failedAt: string,
): Promise<void> => {
  const { step, context } = advance;
  const { before, behind } = await boundaryOf(failedAt, async (upto) => {
    const { kind } = await tryList(advance, list, { upto });
    return kind === 'read';
  });
  await untilApplied(advance, list, before);
  await whileUnread(advance, () =>
    context
      .session(step.node)
      .query(sql`SELECT pg_catalog.pg_replication_slot_advance(${step.slot}, ${before}::pg_lsn)`),
  );
  const { kind } = await tryList(advance, next, { upto: behind });
  if (kind === 'missing') throw notReadable(advance);
};

/** The first change that a list cannot read; null: there is none yet, or what comes before it is still to be sent. */
const failureOf = async (
  advance: Advance,
  list: List,
  isStill: boolean,
): Promise<string | null> => {
  const first = await tryList(advance, list, { first: true });
  if (first.kind === 'missing') return first.lsn;
  // What was confirmed last may be older than what was sent.
  if (!isStill) return null;
  const all = await tryList(advance, list);
  return all.kind === 'missing' ? all.lsn : null;
};

const isPast = ({ confirmedFlushLsn, restartLsn }: SlotLag, target: string): boolean =>
  [confirmedFlushLsn, restartLsn].every((lsn) => lsnDistance(lsn ?? '0/0', target) <= 0);

/** Waits until a list cannot be read further, and tells at which change; null: the slot is past all that is older than this step. */
const untilStuck = async (advance: Advance, list: List): Promise<string | null> => {
  const { step, context } = advance;
  const session = context.session(step.node);
  const prompt = await promptSlot(session, context);
  let target: string | null = null;
  let position: string | null = null;
  for (let looksPast = 0; ; ) {
    const lag = await readSlotLag(session, step.slot);
    if (lag === null || lag.walStatus === 'lost') throw slotGone(step.node, step.slot);
    target ??= lag.currentLsn;
    // restart_lsn is shown just before it is saved: only a second look proves it.
    looksPast = isPast(lag, target) ? looksPast + 1 : 0;
    if (looksPast > 1) return null;
    if (lag.active) await prompt();
    else {
      const failure = await failureOf(advance, list, position === lag.confirmedFlushLsn);
      if (failure !== null) return failure;
    }
    position = lag.confirmedFlushLsn;
    await pause(advance, `subscription ${step.subscription} reads publication ${list.join(', ')}`);
  }
};

/** The run may only change it while it holds its lock. */
const setList = async ({ step, subscriber }: Advance, list: List): Promise<void> => {
  await subscriber.transaction({}, () =>
    subscriber.query(setPublicationsSql(step.subscription, list)),
  );
};

/** Reads under the one and the other in turns, until the new names are enough. */
const inTurns = async (advance: Advance): Promise<void> => {
  const { former, publications } = advance.step;
  let list: List = former;
  for (;;) {
    const failedAt = await untilStuck(advance, list);
    if (failedAt === null) return;
    const next = list === former ? publications : former;
    await moveTo(advance, list, next, failedAt);
    if (next === publications) {
      const { kind } = await tryList(advance, publications);
      if (kind !== 'missing') return save(advance);
    }
    await setList(advance, next);
    list = next;
  }
};

const run = async (step: AdvanceSlot, context: RunContext): Promise<void> => {
  const deadline = context.clock() + context.limits.waitTimeoutMs;
  await untilTransactionsEnd(step.node, context, deadline);
  const subscriber = await context.openSession(step.subscriber);
  try {
    await inTurns({ step, context, subscriber, deadline });
  } finally {
    await subscriber.close();
  }
};

export const advanceSlotExecutor: Executor<AdvanceSlot> = {
  transactional: false,
  reversible: false,
  sql: () => [],
  note: ({ slot, subscriber, subscription, former, publications }) => [
    `until slot ${slot} can be read as ${publications.join(', ')}: let subscription ${subscription} on node ${subscriber} apply what was published as ${former.join(', ')}, then pg_replication_slot_advance past what was not published`,
  ],
  run,
};
