// steep_repl.init_slots of a source: slots that were made for copies manually, and what was noted with them.

import type { Evidence, PreparedSlot } from '../../model/copy/manual-init.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { auditLine } from '../audit.ts';

export type NewPreparedSlot = Omit<
  PreparedSlot,
  'evidence' | 'createdAt' | 'expiresAt' | 'expired'
> & {
  readonly expiresInMs: number;
};

const expiry = (milliseconds: number): Sql =>
  sql`pg_catalog.clock_timestamp() + ${`${milliseconds} milliseconds`}::interval`;

/** Notes a slot, in place of what was noted of one with its name. */
export const recordPrepared = async (session: Session, slot: NewPreparedSlot): Promise<void> => {
  await session.query(sql`DELETE FROM steep_repl.init_slots WHERE slot_name = ${slot.slot}`);
  await session.query(sql`
    INSERT INTO steep_repl.init_slots (slot_name, node_id, subscription, lsn, run_id, published, expires_at)
    VALUES (${slot.slot}, ${slot.node}, ${slot.subscription}, ${slot.lsn}::pg_lsn, ${slot.runId},
            ${JSON.stringify(slot.published)}::jsonb, ${expiry(slot.expiresInMs)})`);
  await session.query(auditLine({ runId: slot.runId, event: 'init.prepared', subject: slot.slot }));
};

/** @returns whether the slot is still the one of that run. */
export const recordEvidence = async (
  session: Session,
  { slot, runId }: Pick<PreparedSlot, 'slot' | 'runId'>,
  evidence: Evidence,
): Promise<boolean> => {
  const rows = await session.query(sql`
    UPDATE steep_repl.init_slots SET evidence = ${JSON.stringify(evidence)}::jsonb
     WHERE slot_name = ${slot} AND run_id = ${runId} RETURNING slot_name`);
  return rows.length === 1;
};

export const extendPrepared = async (
  session: Session,
  slot: string,
  milliseconds: number,
): Promise<void> => {
  await session.query(sql`
    UPDATE steep_repl.init_slots SET expires_at = ${expiry(milliseconds)} WHERE slot_name = ${slot}`);
};

/** What was prepared was used, or given up. */
export const endPrepared = async (
  session: Session,
  slot: string,
  event: 'init.completed' | 'init.cancelled',
  runId: string,
): Promise<void> => {
  const rows = await session.query(sql`
    DELETE FROM steep_repl.init_slots WHERE slot_name = ${slot} RETURNING slot_name`);
  if (rows.length > 0) await session.query(auditLine({ runId, event, subject: slot }));
};
