// What tells one slot from another: what an attempt noted of its own, and what a server has under that name now.

import type { PublicationMark } from '../../model/copy/manual-init.ts';
import type { TableMark } from '../../model/copy/table-mark.ts';
import {
  type AttemptDoubt,
  attemptDoubt,
  type NotedAttempt,
} from '../../model/state/noted-attempt.ts';
import type { SlotIdentity, SlotSighting } from '../../model/state/slot-identity.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { readPublicationMarks } from '../objects/read-publication-marks.ts';
import { timelineNow } from '../server/read-server.ts';

/** The version of steep_repl that has attempts. */
const attemptsSince = 4;

/** By subscription: each initial copy on record that no subscription follows yet. */
export const readNotedAttempts = async (
  metadata: Session,
  metadataVersion: number,
): Promise<ReadonlyMap<string, NotedAttempt>> => {
  if (metadataVersion < attemptsSince) return new Map();
  const rows = await metadata.query<AttemptRow>(sql`
    SELECT a.subscription, a.system_identifier AS "systemIdentifier", a.timeline, a.database, a.slot_name AS slot,
           a.plugin, a.consistent_lsn::text AS "consistentLsn", a.restart_lsn::text AS "restartLsn",
           a.catalog_xmin AS "catalogXmin", a.publications, a.tables
      FROM steep_repl.copy_attempts AS a
     ORDER BY a.subscription`);
  return new Map(
    rows.map(({ subscription, publications, tables, ...row }) => [
      subscription,
      { slot: identityOf(row), publications, tables },
    ]),
  );
};

/** Where anything is missing, the slot cannot be told apart from another. */
const identityOf = (row: Nullable<SlotIdentity>): SlotIdentity | null =>
  Object.values(row).includes(null) ? null : (row as SlotIdentity);

/** A slot of this name as the server has it now, and which server that is. */
export const readSlotSighting = async (source: Session, slot: string): Promise<SlotSighting> => {
  const [row] = await source.query<SlotSighting>(sql`
    SELECT c.system_identifier::text AS "systemIdentifier", ${timelineNow} AS timeline,
           pg_catalog.current_database()::text AS database, pg_catalog.pg_is_in_recovery() AS "inRecovery",
           (SELECT pg_catalog.json_build_object(
                     'plugin', s.plugin, 'database', s.database, 'active', s.active, 'walStatus', s.wal_status,
                     'invalidation', pg_catalog.to_jsonb(s) ->> 'invalidation_reason',
                     'confirmedFlushLsn', s.confirmed_flush_lsn, 'restartLsn', s.restart_lsn,
                     'catalogXmin', s.catalog_xmin::text)
              FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_name = ${slot}) AS slot
      FROM pg_catalog.pg_control_system() AS c
     CROSS JOIN pg_catalog.pg_control_checkpoint() AS k`);
  if (row === undefined) throw new Error('The server answered a query of one row with none.');
  return row;
};

/** Why what was copied no longer fits what its source has now; null: it does. `name`: the slot that will be read. */
export const readAttemptDoubt = async (
  source: Session,
  name: string,
  noted: NotedAttempt,
): Promise<AttemptDoubt | null> => {
  const sighting = await readSlotSighting(source, name);
  const marks = await readPublicationMarks(
    source,
    (noted.publications ?? []).map((mark) => mark.name),
  );
  return attemptDoubt(name, noted, sighting, marks);
};

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

interface AttemptRow extends Nullable<SlotIdentity> {
  readonly subscription: string;
  readonly publications: readonly PublicationMark[] | null;
  readonly tables: readonly TableMark[] | null;
}
