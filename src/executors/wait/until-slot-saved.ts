// Waits until a position of a slot is on disk. A slot of which only confirmed_flush_lsn moved is not saved, not even
// by a checkpoint (17+ saves it at shutdown): after a crash its server decodes from an older position again. Every
// move of restart_lsn saves the slot, so restart_lsn is what tells.

import { readSlotLag } from '../../catalog/copies/read-progress.ts';
import {
  readSnapshotLogging,
  type SnapshotLogging,
} from '../../catalog/copies/read-snapshot-logging.ts';
import { readWriters } from '../../catalog/objects/read-writers.ts';
import { SteepError } from '../../model/errors.ts';
import { lsnDistance } from '../../model/lsn.ts';
import { describeTransaction } from '../../model/open-transaction.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, sql } from '../../postgres/sql/sql.ts';
import type { RunContext } from '../executor.ts';
import { type SlotPosition, slotGone } from './until-slot-passes.ts';

/** restart_lsn is shown just before it is saved: only a second look proves it. */
const looksNeeded = 2;

/** Pauses between two prompts: a checkpoint is expensive, and the background writer logs a snapshot as often by itself. */
const promptPauseMs: Readonly<Record<SnapshotLogging, number>> = {
  function: 1000,
  checkpoint: 15_000,
  none: Number.POSITIVE_INFINITY,
};

/** The oldest transaction that has written and is still open, for people; null: there is none. */
export const oldestWriter = async (node: NodeName, context: RunContext): Promise<string | null> => {
  const [writer] = await readWriters(await context.observer(node));
  return writer === undefined ? null : describeTransaction(writer);
};

/** restart_lsn moves when a list of running transactions, which a standby snapshot is, was decoded: asks for one now and then. */
export const promptSlot = async (
  session: Session,
  { clock }: Pick<RunContext, 'clock'>,
): Promise<() => Promise<void>> => {
  const logging = await readSnapshotLogging(session);
  let prompted = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock() - prompted < promptPauseMs[logging]) return;
    if (logging === 'function')
      await session.query(sql`SELECT pg_catalog.pg_log_standby_snapshot()`);
    if (logging === 'checkpoint') await session.query(ddl`CHECKPOINT`);
    prompted = clock();
  };
};

const notSaved = ({ node, slot, target }: SlotPosition, why: string): SteepError =>
  new SteepError(
    'NOT_CONVERGED',
    `Slot ${slot} on node ${node} has confirmed ${target}, but that position is not saved yet: ${why}. After a crash of the server, the slot would start from an earlier position, at which the new publications do not exist.`,
    {
      suggestions: ['End that transaction, and run the same command again.'],
      exit: ExitCode.notConverged,
    },
  );

/** @throws SteepError SLOT_MISSING, or NOT_CONVERGED with the transaction in the way when the time is over. */
export const untilSlotSaved = async (
  position: SlotPosition,
  session: Session,
  context: RunContext,
): Promise<void> => {
  const { node, slot, target, timeoutMs } = position;
  const deadline = context.clock() + timeoutMs;
  const prompt = await promptSlot(session, context);
  for (let looks = 0; ; ) {
    const lag = await readSlotLag(session, slot);
    if (lag === null || lag.walStatus === 'lost') throw slotGone(node, slot);
    const isPast = lsnDistance(lag.restartLsn ?? '0/0', target) <= 0;
    looks = isPast ? looks + 1 : 0;
    if (looks >= looksNeeded) return;
    if (!isPast) {
      const writer = await oldestWriter(node, context);
      const why = writer === null ? 'the server has not saved it' : `blocked by ${writer}`;
      if (context.clock() > deadline) throw notSaved(position, why);
      context.progress(`waits until the position of the slot is saved: ${why}`);
      await prompt();
    }
    await context.sleep(context.limits.pollMs);
  }
};
