// Settings of a server by which replication waits, fails or loses a slot.

/** A time limit that sessions of a role have from the role, or from the database. */
export interface RoleTimeout {
  readonly setting: 'statement_timeout' | 'lock_timeout' | 'transaction_timeout';
  /** As it was set: `5s`; `0` is none. */
  readonly value: string;
  readonly role: string;
}

export interface ReplicationSettings {
  readonly maxPreparedTransactions: number;
  /** idle_replication_slot_timeout (18+); null: slots stay. */
  readonly idleSlotTimeout: string | null;
  /** Of synchronous_standby_names: application names, or `*`. */
  readonly synchronousNames: readonly string[];
  /** Of synchronized_standby_slots (17+), those that are no slots. */
  readonly missingStandbySlots: readonly string[];
  /** Of the role that subscribers connect as. */
  readonly timeouts: readonly RoleTimeout[];
}
