// Hazards of replication slots: positions in the WAL, and the WAL that they keep.

import type { HazardExplanation } from '../explanation.ts';

export const slotHazards = {
  SLOT_DROP: {
    severity: 'danger',
    title: 'Drops a replication slot and its position',
    meaning:
      'The slot records how far the subscriber has read. Without it, changes that the subscriber has not read yet are lost, and subscribing again needs a full copy of every table.',
    cause:
      'The plan drops a subscription together with its slot, or drops a slot; or an interrupted initial copy starts over, and the existing slot may belong to another consumer.',
    cure: 'To drop the subscription and keep its position, name it in removed with the action detach; the slot then keeps WAL until it is dropped. If the position is not needed, allow the hazard for this address.',
    commands: [
      'removed: [{ address: NODE/subscription.NAME, action: detach }]',
      'steep apply --allow-hazard SLOT_DROP=NODE/slot.NAME',
    ],
  },
  SLOT_TAKEN: {
    severity: 'block',
    title: 'The slot, or its name, is in use',
    meaning:
      'Slot names are unique in the whole cluster, and a slot has one position and one reader. A second reader would miss the changes that the first one has read; without the slot, its reader stops permanently.',
    cause:
      'A slot of another database, of another plugin or for a standby has the name; or another subscription reads the slot; or it belongs to a snapshot, and subscriptions get copies of it; or the plan drops a slot but keeps its subscription.',
    cure: 'Give the subscription a slot name of its own. To drop a slot, drop the subscription that reads it too. If nobody needs the other slot any more, drop it in its database.',
    commands: [
      'slot: OTHER_NAME',
      'SELECT slot_name, database, plugin, slot_type, active, active_pid FROM pg_replication_slots;',
      "SELECT pg_catalog.pg_drop_replication_slot('NAME');",
    ],
  },
  SLOT_UNREAD: {
    severity: 'block',
    title: 'A disabled subscription leaves changes in its old slot',
    meaning:
      'The subscription would read another slot. A new slot starts at the current position, so changes in the old slot that were not read yet would never arrive.',
    cause:
      'The name of the slot changes while the subscription is disabled and has not read all changes.',
    cure: 'Enable the subscription first and let it catch up. Or make the new slot a copy of the old one, which starts at the same position, and plan again.',
    commands: [
      'ALTER SUBSCRIPTION NAME ENABLE;',
      "SELECT pg_catalog.pg_copy_logical_replication_slot('OLD', 'NEW');",
    ],
  },
  SLOT_CREATE_WAITS: {
    severity: 'warning',
    title: 'Creating the slot waits for open write transactions',
    meaning:
      'A logical slot needs a consistent starting point, so its creation waits until every transaction that holds a transaction id has ended, in any database of the cluster. Nothing else is blocked meanwhile.',
    cause: 'At least one write transaction is open on the publisher.',
    cure: 'Wait for the transactions shown, or end those that are idle. steep gives up after --slot-timeout, and then no slot is left behind.',
    commands: [
      'SELECT pid, application_name, state, xact_start FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start;',
    ],
  },
  WAL_RETENTION: {
    severity: 'warning',
    title: 'A slot keeps WAL on the publisher',
    meaning:
      'A slot that is inactive or slow keeps all WAL since its position. The disk of the publisher can fill up, or max_slot_wal_keep_size is reached and the slot is lost. For a subscription it is a danger: the estimated time of the initial copy is so long that the publisher would write more WAL than slots may keep.',
    cause:
      'The slot is not read, or is read more slowly than the publisher writes, while the plan runs; or a copy takes too long.',
    cure: 'Start the subscriber, or wait until it has caught up, before this plan runs. For a copy: raise max_slot_wal_keep_size, or copy while little is written. Make sure that the disk of the publisher has space for the WAL shown.',
    commands: [
      'SELECT slot_name, active, wal_status, safe_wal_size, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots;',
    ],
    versions: 'PostgreSQL 18 can also invalidate an idle slot by idle_replication_slot_timeout.',
  },
  SLOT_LOST: {
    severity: 'block',
    title: 'The replication slot is lost',
    meaning:
      'The publisher has removed WAL that the slot needed. ALTER SUBSCRIPTION … ENABLE returns success, but no worker keeps running: nothing is replicated any more.',
    cause:
      'The slot kept more WAL than max_slot_wal_keep_size allows, or it was invalidated for another reason: wal_status in pg_replication_slots is "lost".',
    cure: 'Only a new initial copy helps: apply with --reinit drops the subscription with its slot, empties its tables, and creates and fills both again. Raise max_slot_wal_keep_size first if the same would happen again.',
    commands: [
      'steep apply --reinit NODE/subscription.NAME',
      'SELECT slot_name, wal_status FROM pg_replication_slots;',
    ],
    versions: 'From PostgreSQL 17 the column invalidation_reason names the reason.',
  },
  SLOT_MISSING: {
    severity: 'block',
    title: 'The replication slot of a subscription does not exist',
    meaning:
      'The subscription names a slot that does not exist on the publisher. Its worker starts and fails repeatedly; nothing is replicated.',
    cause:
      'The slot was dropped by hand, or the publisher was restored, or a standby without the slot was promoted.',
    cure: 'The changes since the slot was lost cannot be read again. apply with --reinit drops the subscription, empties its tables, and creates and fills it again. If the publisher is the wrong server, correct its connection.',
    commands: ['steep apply --reinit NODE/subscription.NAME'],
    versions: 'From PostgreSQL 17 a slot with failover = true can survive a promotion.',
  },
  SNAPSHOT_SLOT: {
    severity: 'block',
    title: 'The record of snapshot slots would be dropped',
    meaning:
      'A snapshot has a slot on its source that keeps the WAL for nodes that are created from it. steep_repl of the source records the purpose of the slot. Without this record, the slot would keep WAL until the disk is full.',
    cause: 'The plan was made with --destroy, and snapshots of the node were not deleted.',
    cure: 'Delete the snapshots first. This drops their slots, also if the files no longer exist.',
    commands: ['steep snapshot list', 'steep snapshot delete ID --node NODE'],
  },
  ORPHAN_SLOT: {
    severity: 'warning',
    title: 'A replication slot without a reader',
    meaning:
      'A slot without a subscriber keeps WAL without limit, unless max_slot_wal_keep_size caps it. It also holds back the removal of dead rows in the system catalogs.',
    cause:
      'A subscription was detached from its slot, or an interrupted table synchronization left its own slot behind.',
    cure: 'Drop the slot if you are sure that no subscriber will use it again.',
    commands: ["SELECT pg_catalog.pg_drop_replication_slot('NAME');"],
  },
  FAILOVER_SLOT_OFF: {
    severity: 'warning',
    title: 'The slot does not survive a promotion',
    meaning:
      'The publisher has physical standbys, and this slot is not copied to them. After a promotion it is gone, and the subscriber needs a full copy.',
    cause: 'The subscription has failover = false.',
    cure: 'Set failover to true in the options of the subscription. On the standby set sync_replication_slots = on, hot_standby_feedback = on, a primary_slot_name and a dbname in primary_conninfo.',
    commands: ['options: { failover: true }'],
    versions: 'Failover slots exist from PostgreSQL 17.',
  },
  SLOT_ADVANCE: {
    severity: 'danger',
    title: 'Moves a slot past changes that were not sent',
    meaning:
      'The slot begins at a later position from then on. Changes before it that the subscriber has not received are never sent to it. As a block: the slot is at that position or after it already, or a session reads it.',
    cause: 'steep replication slot advance was asked to move it.',
    cure: 'Let the subscriber read them instead: enable its subscription. If the changes were brought in another way, allow the hazard for this address.',
    commands: [
      'steep replication slot lag NAME',
      'steep replication slot advance NAME --lsn LSN --allow-hazard SLOT_ADVANCE=NODE/slot.NAME',
    ],
  },
  ORIGIN_DROP: {
    severity: 'danger',
    title: 'Drops a replication origin and its position',
    meaning:
      'An origin holds how far changes of one source were applied. Whoever writes with it would begin again from the start.',
    cause: 'steep replication origin drop names an origin that belongs to no subscription.',
    cure: 'Keep it while something writes with it. If nothing does, allow the hazard for this address.',
    commands: ['steep replication origin list'],
  },
  ORIGIN_ADVANCE: {
    severity: 'danger',
    title: 'Moves a replication origin forward',
    meaning:
      'Changes of the source before the new position count as applied, and are not requested again. As a block: the origin is after that position already.',
    cause: 'steep replication origin advance was asked to move it.',
    cure: 'Leave it where it is, unless the changes in between were applied in another way; then allow the hazard for this address.',
    commands: ['steep replication origin list'],
  },
  ORIGIN_IN_USE: {
    severity: 'block',
    title: 'The replication origin belongs to a subscription',
    meaning:
      'A subscription keeps its position in an origin of its own. Dropped or moved, the subscription would lose rows, or get them twice.',
    cause:
      'The name is that of the origin of a subscription, or of one of its table synchronizations.',
    cure: 'It is dropped with its subscription. To skip one transaction, use ALTER SUBSCRIPTION … SKIP.',
    commands: ['steep replication origin list', 'ALTER SUBSCRIPTION NAME SKIP (lsn = LSN);'],
    versions: 'ALTER SUBSCRIPTION … SKIP exists from PostgreSQL 15.',
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
