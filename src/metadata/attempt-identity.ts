// What an initial copy notes of its source in steep_repl.copy_attempts, so that any later look can tell whether its
// slot, its publications and its tables are still the same. Each in a transaction of its own, which only the run that holds the lock
// commits.

import type { PublicationMark } from '../model/copy/manual-init.ts';
import type { TableMark } from '../model/copy/table-mark.ts';
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

export interface SourceMarks {
  readonly publications: readonly PublicationMark[];
  readonly tables: readonly TableMark[];
}

/** As the snapshot of the slot shows them. */
export const recordSourceMarks = async (
  session: Session,
  subscription: string,
  { publications, tables }: SourceMarks,
): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(sql`
    UPDATE steep_repl.copy_attempts
       SET publications = ${JSON.stringify(publications)}::jsonb, tables = ${JSON.stringify(tables)}::jsonb
     WHERE subscription = ${subscription}`);
  });

/** Of tables that are loaded from a snapshot on storage, as they were at its position. */
export const recordTableMarks = async (
  session: Session,
  subscription: string,
  tables: readonly TableMark[],
): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(sql`
    UPDATE steep_repl.copy_attempts SET tables = ${JSON.stringify(tables)}::jsonb WHERE subscription = ${subscription}`);
  });
