// Bugs of logical replication that a minor release fixed (release notes, manual appendix E).
// Only data: versions.ts compares.

export interface FixedBug {
  readonly bug: string;
  /** Major → the minor release with the fix; a major that never had the bug is not there. */
  readonly fixedIn: Readonly<Record<number, string>>;
  /** Major → the minor release that brought it; left out: it was there from the start. */
  readonly broughtBy?: Readonly<Record<number, string>>;
}

/** "Fix data loss in logical replication": a catalog change did not reach transactions in flight. */
export const addTableLosesChanges: FixedBug = {
  bug: 'changes of transactions in flight are lost when a table is added to a publication',
  fixedIn: { 14: '14.18', 15: '15.13', 16: '16.9', 17: '17.5' },
};

export const fixedBugs: readonly FixedBug[] = [
  {
    // "Fix cases where a logical replication slot's restart_lsn could go backwards"
    bug: 'after a reconnect a slot may ask for WAL that is already removed, and replication cannot continue',
    fixedIn: { 14: '14.15', 15: '15.10', 16: '16.6', 17: '17.2' },
  },
  addTableLosesChanges,
  {
    // "Fix re-distributing previously distributed invalidation messages during logical decoding"
    bug: 'decoding runs out of memory when many transactions change catalogs at the same time',
    fixedIn: { 14: '14.19', 15: '15.14', 16: '16.10', 17: '17.6' },
    broughtBy: addTableLosesChanges.fixedIn,
  },
];
