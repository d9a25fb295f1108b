// Hazards of subscriptions: replacing, refreshing, two-way replication, secrets.

import type { HazardExplanation } from '../explanation.ts';

export const subscriptionHazards = {
  SUBSCRIPTION_REPLACE: {
    severity: 'danger',
    title: 'Drops and re-creates a subscription',
    meaning:
      'The slot and its position are discarded, and every table is copied again. Until the copy is done the subscriber is behind.',
    cause:
      'The file asks for a change that ALTER SUBSCRIPTION cannot make on this version of PostgreSQL.',
    cure: 'Undo the change in steep.yaml if it is not worth a new copy. Otherwise allow the hazard for this address and plan time for the copy.',
    commands: ['steep apply --allow-hazard SUBSCRIPTION_REPLACE=NODE/subscription.NAME'],
    versions:
      'two_phase can be altered from PostgreSQL 18, failover from 17, both while the subscription is disabled.',
  },
  FOREIGN_OWNER: {
    severity: 'danger',
    title: 'The object belongs to another role',
    meaning:
      'steep would manage a publication or a subscription that it did not create and that belongs to a role without superuser rights. The owner of a publication decides what is sent; the owner of a subscription decides what is read, with the password that steep writes into it.',
    cause:
      'The object was created by hand by that role, or the role took the name on purpose, before steep could use it.',
    cure: 'Give the object to the role of steep with the statement in the message, use another name, or drop the object. Allow the hazard for this address if that role may do all of this.',
    commands: [
      'ALTER SUBSCRIPTION NAME OWNER TO ROLE;',
      'steep apply --allow-hazard FOREIGN_OWNER=NODE/subscription.NAME',
    ],
  },
  NOT_OWNED: {
    severity: 'block',
    title: 'The object is not managed by steep',
    meaning:
      'steep drops only what it manages: a row in steep_repl.objects says so. It never drops an object that it does not manage, whatever steep.yaml or a flag says.',
    cause:
      'steep.yaml declares an object whose name is taken by another object that ALTER cannot change into it; or, as a warning, an entry of removed names an object that steep does not manage.',
    cure: 'Use another name, declare the object as it is, or drop it by hand. An entry of removed can be deleted.',
    commands: ['SELECT address FROM steep_repl.objects;'],
  },
  NOT_TRANSACTIONAL: {
    severity: 'notice',
    title: 'The step cannot be rolled back',
    meaning:
      'PostgreSQL refuses this statement inside a transaction block. If the run stops later, the statement remains in effect; run apply again to continue.',
    cause:
      'The step refreshes a subscription, or works on a replication slot, which ROLLBACK does not undo.',
    cure: 'Nothing needs to be done. The plan names what undoes the step.',
  },
  TWO_PHASE_REFRESH: {
    severity: 'block',
    title: 'Refresh with copy is refused with two_phase',
    meaning:
      'The server refuses ALTER SUBSCRIPTION … REFRESH PUBLICATION with copy_data = true while two_phase is enabled, so new tables cannot be copied this way.',
    cause:
      'The subscription has two_phase = true, and the plan adds tables to it that need a copy.',
    cure: 'Give the new tables a publication and a subscription of their own. On PostgreSQL 18 you may instead disable two_phase, refresh, wait until the tables are ready and enable it again.',
    versions: 'two_phase exists from PostgreSQL 15, and can be altered from 18.',
  },
  LOOP: {
    severity: 'block',
    title: 'Replication loop',
    meaning:
      'Nodes replicate to each other in a circle, and nothing stops a change from coming back to its origin: it is applied again and again, or fails with duplicate keys.',
    cause:
      'In a circle of subscriptions on the same tables, one does not have origin = none, or a node is too old for that option.',
    cure: 'Set origin to none on every subscription of the circle. Before PostgreSQL 16, remove one direction.',
    commands: ['options: { origin: none }'],
    versions: 'The option origin exists from PostgreSQL 16.',
  },
  ORIGIN_CHAIN: {
    severity: 'danger',
    title: 'A chain with origin = none ends at its second node',
    meaning:
      'With origin = none a publisher sends only what was written on itself. What it has got by replication is left out: the subscriber may copy these rows once, and never gets their changes, without an error.',
    cause:
      'The node that a subscription with origin = none reads from subscribes to the same tables of a third node, which the subscriber does not replicate from.',
    cure: 'Set origin to any where no loop is possible. Or let each node replicate from every other one.',
    commands: ['options: { origin: any }'],
    versions: 'origin exists from PostgreSQL 16.',
  },
  ORIGIN_WRITES_UNSENT: {
    severity: 'warning',
    title: 'What is written under a replication origin is not sent',
    meaning:
      'With origin = none a publisher sends only changes without a replication origin. Subscriptions are not the only ones that write with one: a tool that loads rows may call pg_replication_origin_session_setup. What it writes is published, and left out, without an error.',
    cause:
      'The publisher has a replication origin that belongs to no subscription of the cluster, and a subscription with origin = none reads from it.',
    cure: 'Set origin to any where no loop is possible. If nothing writes under the origin any more, drop it.',
    commands: ['SELECT roname FROM pg_replication_origin;', 'options: { origin: any }'],
    versions: 'origin exists from PostgreSQL 16.',
  },
  ORIGIN_COPY: {
    severity: 'danger',
    title: 'The copy would include rows that came from other nodes',
    meaning:
      'origin = none filters replicated changes, but not the initial copy. The copy also reads rows that came from this node, which causes duplicate keys or a replication loop. The server only prints a warning.',
    cause:
      'A subscription with origin = none copies tables that the publisher itself receives from another node.',
    cure: 'Create the second direction without a copy (init method none), after both nodes have the same rows.',
    commands: ['init: { method: none }'],
    versions: 'The option origin exists from PostgreSQL 16.',
  },
  PASSWORD_REQUIRED: {
    severity: 'block',
    title: 'A subscription needs a password in its connection string',
    meaning:
      'PostgreSQL refuses a subscription whose owner is not a superuser, and its workers would stop, unless the connection string itself holds a password that the publisher asks for. A password in a file on the server of the subscriber (passfile, service) does not count.',
    cause:
      'The replication_connection of the publisher holds no password, and the role that applies on the subscriber is not a superuser.',
    cure: 'Add password_env to that replication_connection. Or apply as a superuser on the subscriber.',
    commands: ['replication_connection: { password_env: NAME }'],
    versions: 'From PostgreSQL 16 on; before, only superusers own subscriptions.',
  },
  SECRET_IN_CATALOG: {
    severity: 'warning',
    title: 'A password is stored in the catalog of the subscriber',
    meaning:
      'PostgreSQL stores the connection string of a subscription as plain text in pg_subscription, where superusers and dumps made by them can see the password.',
    cause: 'The replication connection contains a password.',
    cure: 'Use a passfile or a service on the server of the subscriber, or a certificate. A role that is not a superuser must connect with a password in the string, unless password_required is set to false.',
    commands: ['replication_connection: { passfile: /PATH/pgpass }'],
    versions: 'password_required exists from PostgreSQL 16.',
  },
  PASSWORD_IN_SERVER_LOG: {
    severity: 'warning',
    title: 'A password could be written to the log of the subscriber',
    meaning:
      'CREATE SUBSCRIPTION and ALTER SUBSCRIPTION … CONNECTION carry the connection string as text. Settings of the subscriber keep the text of statements: in its log (log_statement, log_min_duration_statement, log_min_error_statement for a statement that fails, pgaudit.log) or in pg_stat_statements. steep turns them off in the same transaction, where its role may; here it may not.',
    cause:
      'The replication connection contains a password, and the role is neither a superuser nor has it the right to set these settings.',
    cure: 'Use a passfile or a service on the server of the subscriber, or a certificate; or grant the right that the plan prints. No role can exclude its transactions from log_transaction_sample_rate: set it to 0 on the server.',
    commands: [
      'replication_connection: { passfile: /PATH/pgpass }',
      'GRANT SET ON PARAMETER log_statement, log_min_error_statement TO ROLE;',
    ],
    versions: 'GRANT SET ON PARAMETER exists from PostgreSQL 15.',
  },
  PUBLISHER_UNREACHABLE: {
    severity: 'danger',
    title: 'Drops a subscription while its publisher is down',
    meaning:
      'DROP SUBSCRIPTION must also drop the slot on the publisher, which cannot be reached. steep disables the subscription, detaches its slot and drops the rest; the slot stays on the publisher and keeps WAL.',
    cause: 'The source of a subscription that the plan drops could not be reached.',
    cure: 'Start the publisher and plan again, if you can: a plan with an unread node is not applied. Otherwise detach and drop the subscription by hand, and drop the slot when the publisher is available again.',
    commands: [
      'ALTER SUBSCRIPTION NAME DISABLE;',
      'ALTER SUBSCRIPTION NAME SET (slot_name = NONE);',
      'DROP SUBSCRIPTION NAME;',
      "SELECT pg_catalog.pg_drop_replication_slot('NAME');",
    ],
  },
  PREPARED_TRANSACTION: {
    severity: 'block',
    title: 'A prepared transaction would be left behind',
    meaning:
      'A subscription with two_phase prepares transactions on the subscriber, and commits or rolls them back when the publisher does. Without the subscription they stay open with their locks, so a TRUNCATE or a new copy waits for them until it times out, and VACUUM cannot remove rows.',
    cause:
      'A transaction is prepared on the publisher while the plan drops or replaces the subscription.',
    cure: 'Commit or roll it back on the publisher, and wait until the subscriber has applied that. Or roll it back on the subscriber, if the tables are copied again or its changes are not needed.',
    commands: ['SELECT gid, prepared FROM pg_prepared_xacts;', "ROLLBACK PREPARED 'GID';"],
  },
  PROTECTED: {
    severity: 'block',
    title: 'The object is protected',
    meaning:
      'The object was applied with protect: true, which is stored on the node. steep neither drops nor replaces it, even if its block was removed from steep.yaml.',
    cause: 'The plan would drop or replace a protected object.',
    cure: 'Keep the object in steep.yaml. If it must be dropped, set protect to false and apply that first; then plan again.',
    commands: ['protect: false'],
  },
  NEEDS_RUNNING: {
    severity: 'block',
    title: 'A disabled subscription cannot be changed like this',
    meaning:
      'A disabled subscription cannot be refreshed. Once it is enabled, it starts by copying every table that it had when it was created, even those that no publication sends any more, with all rows and columns.',
    cause:
      'The plan enables a subscription that has not copied its tables yet, and removes tables or changes its publications at the same time.',
    cure: 'Create it again: remove it from steep.yaml, apply with --prune, and add it back. Or make two changes: enable it as it is, then change it.',
    commands: ['steep apply --prune'],
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
