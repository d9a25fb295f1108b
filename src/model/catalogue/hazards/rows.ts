// Hazards of writing rows of a subscriber so that they are those of its publisher.

import type { HazardExplanation } from '../explanation.ts';

export const rowHazards = {
  ROWS_OVERWRITTEN: {
    severity: 'danger',
    title: 'Rows of the subscriber are overwritten',
    meaning:
      'Rows whose key is on both nodes get the values of the publisher. What the subscriber had is kept, row by row, in steep_repl.merge_audit_log, written in the same transaction.',
    cause: 'steep repair found rows that differ, and was not told to leave them.',
    cure: 'See which rows and columns differ. If the values of the subscriber are right, correct them on the publisher. To insert only the rows that are missing: --rows missing.',
    commands: [
      'steep verify NODE/subscription.NAME --report csv=differences.csv',
      'steep repair NODE/subscription.NAME --rows missing',
    ],
  },
  ROWS_DELETED: {
    severity: 'danger',
    title: 'Rows of the subscriber are deleted',
    meaning:
      'Rows that the publisher does not have are deleted on the subscriber. Each is kept in steep_repl.merge_audit_log, written in the same transaction.',
    cause: 'steep repair found rows that only the subscriber has, and was not told to leave them.',
    cure: 'If they belong there, leave them: --rows missing,different. If they belong on both nodes, insert them on the publisher.',
    commands: ['steep repair NODE/subscription.NAME --rows missing,different'],
  },
  RESET_CHEAPER: {
    severity: 'warning',
    title: 'Copying the table again may be quicker',
    meaning:
      'More than a fifth of the rows of a table would be written one by one. An initial copy writes rows faster; but it empties the table first, so that readers find fewer rows until it is complete.',
    cause: 'Many rows differ, as when a table was restored from an old backup.',
    cure: 'Compare both estimates, and copy the table again if nobody reads it meanwhile.',
    commands: ['steep init reset NODE --from SOURCE --tables SCHEMA.TABLE'],
  },
  REPAIR_TRIGGERS: {
    severity: 'block',
    title: 'Triggers would act on repaired rows',
    meaning:
      'A trigger or rule that is ENABLE ALWAYS or ENABLE REPLICA fires for rows of replication too: it could change the rows that are written, leave them out, or write others. The same is true of all triggers, and of foreign keys with CASCADE or SET NULL, if the role may not set session_replication_role.',
    cause:
      'The table, or a partition of it, has such a trigger; or the role of the subscriber lacks a right.',
    cure: 'Let the triggers fire for applications only, or grant the right.',
    commands: [
      'ALTER TABLE SCHEMA.TABLE ENABLE TRIGGER NAME;',
      'GRANT SET ON PARAMETER session_replication_role TO ROLE_NAME;',
    ],
    versions: 'Before PostgreSQL 15 only superusers set session_replication_role.',
  },
  REPAIR_SENT_BACK: {
    severity: 'block',
    title: 'Repaired rows would be sent as changes of this node',
    meaning:
      'What steep repair writes is tagged with a replication origin, so that subscriptions with origin = none do not receive it, the other side of a two-way pair above all. Without the tag the publisher would get back its own rows, perhaps in an older version.',
    cause:
      'A publication of the subscriber sends the table, and the role may not use replication origins.',
    cure: 'Grant the functions to the role, as a superuser.',
    commands: [
      'GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_create(text), pg_catalog.pg_replication_origin_session_setup(text), pg_catalog.pg_replication_origin_session_reset(), pg_catalog.pg_replication_origin_drop(text) TO ROLE_NAME;',
    ],
  },
  REPAIR_AUDIT_ELSEWHERE: {
    severity: 'block',
    title: 'The audit log is in another database',
    meaning:
      'Each row that is overwritten or deleted is kept in steep_repl.merge_audit_log, in the transaction that does it. No transaction spans two databases.',
    cause: 'The node has metadata_database in steep.yaml.',
    cure: 'Copy the tables again, or keep steep_repl in the database that is replicated.',
    commands: ['steep plan --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE'],
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
