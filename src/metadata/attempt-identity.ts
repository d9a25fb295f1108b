// What an initial copy notes of its source in steep_repl.copy_attempts, so that any later look can tell whether its
// slot and its publications are still the same. Each in a transaction of its own, which only the run that holds the lock
// commits.

import type { PublicationMark } from '../model/copy/manual-init.ts';
import type { SlotIdentity } from '../model/state/slot-identity.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** Right after the slot was created, before anything is copied. The row of the attempt is there. */
export const recordSlotIdentity = async (
  session: Session,
  subscription: string,
  identity: SlotIdentity,
): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(sql`
    UPDATE steep_repl.copy_attempts
       SET system_identifier = ${identity.systemIdentifier}, timeline = ${identity.timeline},
           database = ${identity.database}, slot_name = ${identity.slot}, plugin = ${identity.plugin},
           consistent_lsn = ${identity.consistentLsn}::pg_lsn, restart_lsn = ${identity.restartLsn}::pg_lsn,
           catalog_xmin = ${identity.catalogXmin}
     WHERE subscription = ${subscription}`);
  });

/** As the snapshot of the slot shows them. */
export const recordPublicationMarks = async (
  session: Session,
  subscription: string,
  marks: readonly PublicationMark[],
): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(sql`
    UPDATE steep_repl.copy_attempts SET publications = ${JSON.stringify(marks)}::jsonb
     WHERE subscription = ${subscription}`);
  });
