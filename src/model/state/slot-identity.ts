// Whether a slot is the one that an initial copy has made, and no session has read it since: pure comparison of what
// was noted with what is found. What is unknown is a doubt, never an assumption.

import { lsnDistance } from '../lsn.ts';

/** The database that a slot belongs to. A restored clone has the same system identifier, and another timeline. */
export interface SlotHome {
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly database: string;
}

/** What an attempt noted of its slot right after it was created. */
export interface SlotIdentity extends SlotHome {
  readonly slot: string;
  readonly plugin: string;
  /** The consistent point: its confirmed_flush_lsn until a subscription reads it. */
  readonly consistentLsn: string;
  readonly restartLsn: string;
  readonly catalogXmin: string;
}

/** A slot as a server has it now. */
export interface FoundSlot {
  readonly plugin: string | null;
  readonly database: string | null;
  readonly active: boolean;
  readonly walStatus: string | null;
  /** Why the server has invalidated it (17+); null: it has not, or does not tell. */
  readonly invalidation?: string | null;
  readonly confirmedFlushLsn: string | null;
  readonly restartLsn: string | null;
  readonly catalogXmin?: string | null;
}

/** Where a slot of that name was looked for, and what was found. */
export interface SlotSighting extends SlotHome {
  readonly inRecovery: boolean;
  /** Null: there is none. */
  readonly slot: FoundSlot | null;
}

export interface SlotDoubt {
  /** gone, lost: there is no position any more. other: it may be the position of another consumer. */
  readonly kind: 'gone' | 'lost' | 'other';
  /** A sentence about the slot, without a full stop. */
  readonly why: string;
}

/** Of a slot that was created at this position a moment ago; null: what is there now is not that slot. */
export const newSlotIdentity = (
  name: string,
  consistentLsn: string,
  { systemIdentifier, timeline, database, slot }: SlotSighting,
): SlotIdentity | null => {
  const { plugin = null, restartLsn = null, catalogXmin = null, confirmedFlushLsn } = slot ?? {};
  if (plugin === null || restartLsn === null || catalogXmin === null) return null;
  if (confirmedFlushLsn !== consistentLsn) return null;
  const home = { systemIdentifier, timeline, database };
  return { ...home, slot: name, plugin, consistentLsn, restartLsn, catalogXmin };
};

const other = (why: string): SlotDoubt => ({ kind: 'other', why });

/** Null: it is the slot of the attempt, and still at its beginning. `noted` null: nothing is on record of it. */
export const slotDoubt = (
  name: string,
  noted: SlotIdentity | null,
  found: SlotSighting,
): SlotDoubt | null => {
  const elsewhere = noted === null ? null : (otherHome(noted, found) ?? otherName(noted, name));
  const { slot } = found;
  if (slot === null) return { kind: 'gone', why: elsewhere ?? `slot ${name} is gone` };
  if (elsewhere !== null) return other(elsewhere);
  if (slot.active) return other(`slot ${name} is being read by another consumer`);
  if (slot.walStatus === 'lost' || (slot.invalidation ?? null) !== null) {
    const reason = slot.invalidation ?? 'wal_removed';
    return { kind: 'lost', why: `slot ${name} has lost WAL (${reason})` };
  }
  if (noted === null) {
    return other(`it was not recorded whether slot ${name} is the one of this copy`);
  }
  return otherPosition(noted, slot);
};

const otherHome = (noted: SlotIdentity, found: SlotSighting): string | null => {
  if (noted.systemIdentifier !== found.systemIdentifier) {
    return `it read from another cluster (system identifier ${noted.systemIdentifier}, not ${found.systemIdentifier})`;
  }
  if (noted.database !== found.database) {
    return `it read from database ${noted.database}, not ${found.database}`;
  }
  if (noted.timeline !== found.timeline) {
    return `it read from timeline ${noted.timeline}, and the server is on timeline ${found.timeline} since it was promoted or restored`;
  }
  return found.inRecovery ? 'the source is a standby now' : null;
};

const otherName = ({ slot }: SlotIdentity, name: string): string | null =>
  slot === name ? null : `it started with slot ${slot}, not with ${name}`;

const otherPosition = (noted: SlotIdentity, slot: FoundSlot): SlotDoubt | null => {
  const { confirmedFlushLsn: at, restartLsn: restart, catalogXmin = null } = slot;
  if (slot.plugin !== noted.plugin || slot.database !== noted.database) {
    return other(`slot ${noted.slot} has another plugin or database than the slot of the copy`);
  }
  if (at === null || restart === null || catalogXmin === null) {
    return other(`slot ${noted.slot} has no position`);
  }
  const passed = lsnDistance(noted.consistentLsn, at);
  if (passed > 0) {
    return other(
      `slot ${noted.slot} is at ${at}, past ${noted.consistentLsn} where the copy started: it was read, advanced, or created again`,
    );
  }
  const isOlder =
    passed < 0 ||
    lsnDistance(noted.restartLsn, restart) < 0 ||
    xidDistance(noted.catalogXmin, catalogXmin) < 0;
  // Decoding without confirming moves restart_lsn and catalog_xmin on, at most to the consistent point.
  const isNewer = lsnDistance(noted.consistentLsn, restart) > 0;
  return isOlder || isNewer ? other(`slot ${noted.slot} was created at another position`) : null;
};

/** Transaction ids are numbers on a circle of 32 bits. */
const xidDistance = (from: string, to: string): number => (Number(to) - Number(from)) | 0;
