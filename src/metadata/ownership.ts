// The rows of steep_repl.objects: what steep manages, what it last applied, what is protected.

import { type Address, parseAddress } from '../model/state/address.ts';
import type { OwnershipRecord } from '../model/step/step.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { auditLine } from './audit.ts';
import { endPrepared } from './init/init-slots.ts';

/** Writes a row and its line in the audit log. `extra` joins what was applied; neither holds a secret. */
export const writeOwnership = async (
  session: Session,
  record: OwnershipRecord,
  extra: Readonly<Record<string, unknown>>,
  runId: string,
): Promise<void> => {
  const applied = JSON.stringify({ ...(record.applied as object), ...extra });
  await session.query(sql`
    INSERT INTO steep_repl.objects AS o (address, kind, applied, protect, run_id)
    VALUES (${record.address}, ${record.kind}, ${applied}::jsonb, ${record.protect}, ${runId})
    ON CONFLICT (address) DO UPDATE
       SET applied = EXCLUDED.applied
                  || CASE WHEN o.applied ? 'connection' AND pg_catalog.jsonb_typeof(o.applied -> 'connection') = 'object'
                           AND pg_catalog.jsonb_typeof(EXCLUDED.applied -> 'connection') <> 'object'
                          THEN pg_catalog.jsonb_build_object('connection', o.applied -> 'connection')
                          ELSE '{}'::jsonb END,
           protect = EXCLUDED.protect, run_id = EXCLUDED.run_id, applied_at = pg_catalog.now()`);
  const detail = { protect: record.protect };
  await session.query(
    auditLine({ runId, event: 'object.applied', subject: record.address, detail }),
  );
};

/** What the row of an object holds besides the spec that was applied: notes of the steps that changed the object. */
export const readNotes = async (
  session: Session,
  { address, applied }: Pick<OwnershipRecord, 'address' | 'applied'>,
): Promise<Readonly<Record<string, unknown>>> => {
  const [row] = await session.query<{ readonly notes: Readonly<Record<string, unknown>> }>(sql`
    SELECT o.applied - ${Object.keys(applied as object)}::text[] AS notes
      FROM steep_repl.objects AS o WHERE o.address = ${address}`);
  return row?.notes ?? {};
};

/** Deletes a row: steep no longer manages the object, or it is gone. What was prepared with a slot ends with it. */
export const forgetOwnership = async (
  session: Session,
  address: Address,
  runId: string,
): Promise<void> => {
  await session.query(sql`DELETE FROM steep_repl.objects WHERE address = ${address}`);
  await session.query(auditLine({ runId, event: 'object.forgotten', subject: address }));
  const { kind, name } = parseAddress(address);
  if (kind === 'slot') await endPrepared(session, name, 'init.cancelled', runId);
};

export interface OwnershipMove {
  readonly from: Address;
  readonly to: Address;
  readonly runId: string;
}

/** Gives a row another address: the object was renamed, and is what it was in all else. */
export const moveOwnership = async (
  session: Session,
  { from, to, runId }: OwnershipMove,
): Promise<void> => {
  // A row without an object, from before.
  await session.query(sql`DELETE FROM steep_repl.objects WHERE address = ${to}`);
  await session.query(sql`
    UPDATE steep_repl.objects
       SET address = ${to}, run_id = ${runId}, applied_at = pg_catalog.now()
     WHERE address = ${from}`);
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject, detail)
    VALUES (${runId}, 'object.forgotten', ${from}, pg_catalog.jsonb_build_object('renamed_to', ${to}::text)),
           (${runId}, 'object.applied', ${to}, pg_catalog.jsonb_build_object('renamed_from', ${from}::text))`);
};
