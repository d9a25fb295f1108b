// Hazards of table definitions that differ between the two ends.

import type { HazardExplanation } from '../explanation.ts';

export const schemaHazards = {
  SCHEMA_ORDER: {
    severity: 'block',
    title: 'Schema changes must be made in order',
    meaning:
      'Apply stops if the publisher sends a column that the subscriber does not have. So a column must be added on the subscriber first, and dropped there last, after everything sent with it has been applied. A plan keeps this order, but a disabled subscription never catches up.',
    cause:
      'With schema_sync: auto, the plan would remove something from the tables of a disabled subscription.',
    cure: 'Enable the subscription, let it catch up, and plan again. By hand: to add a column, the subscriber and then the publisher; to drop one, the publisher and then the subscriber.',
    commands: ['enabled: true'],
  },
  ROWS_CONVERTED_HERE: {
    severity: 'warning',
    title: 'The subscriber computes values of rows that are there',
    meaning:
      'ALTER TABLE on the publisher writes its rows again without sending them. Where the table of the subscriber is then altered in the same way, it converts its rows by its own cast, or fills them by its own default: with USING, or a default such as random(), the two nodes then hold other values, without an error.',
    cause:
      'schema_sync: auto changes the type of a column, or adds one with a default that differs from row to row, to a table that holds rows.',
    cure: 'Compare the table on both nodes afterwards, or copy it again with --reinit.',
    commands: ['steep apply --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE'],
  },
  SCHEMA_DATA_LOSS: {
    severity: 'danger',
    title: 'DDL deletes data of the subscriber',
    meaning:
      'A column or table of the subscriber is dropped, or a column gets a type that may not hold every value. Data that only the subscriber has there is lost, and cannot be recovered after COMMIT. A column that was renamed on the publisher looks like a dropped one beside a new one: if the message names such a pair, all replicated values of the column may be lost.',
    cause:
      'With schema_sync: auto, the tables of the subscriber follow those of its publisher, which no longer has the column or has it with another type.',
    cure: 'Save the data that is needed. Allow the hazard for this address if the publisher has all data that matters; or manage the table yourself. If a column was renamed, rename it on the subscriber as well, or copy the table again afterwards.',
    commands: ['ALTER TABLE SCHEMA.TABLE RENAME COLUMN OLD TO NEW;', 'schema_sync: manual'],
  },
  COLUMN_NO_BACKFILL: {
    severity: 'danger',
    title: 'A new column would have different values on each node',
    meaning:
      'ALTER TABLE ADD COLUMN with a default such as now(), gen_random_uuid() or nextval(), or with an identity, computes a value for each row that is there. Publisher and subscriber do so independently: their rows differ afterwards, there is no error, and replication never sends the values of the publisher. The same holds for a column of a copied table that was altered on one node alone: dropped and added again, renamed, or written again by ALTER COLUMN TYPE.',
    cause:
      'With schema_sync: auto, the plan adds a column with such a default to a table of the subscriber that has rows. Or a column has another number in pg_attribute than at the last apply, on one of the two nodes; or its definition and all rows of the table were written again on the publisher by one ALTER TABLE that left it the type that it had.',
    cure: 'Allow the hazard for this address, apply, and copy the table again. Or do both in one apply: --reinit with the address of the copy.',
    commands: ['steep apply --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE'],
  },
  SCHEMA_CARRIES_CODE: {
    severity: 'danger',
    title: 'A definition contains code that would run on the node',
    meaning:
      'A function, or an expression that is more than constants and harmless built-in functions, is created on the node with the definition of another server or of a snapshot. It runs there when a column is added, when rows are stored, or when it is called, with the rights of the owner of the table or of whoever calls it. Anyone who can change the tables of the publisher, or the files of the snapshot, can write such code.',
    cause:
      'With schema_sync: auto, or --schema-sync auto of snapshot apply, a default, a generated column, a check, an index or a domain calls a function that is not an immutable built-in one; or a function or an extension would be created.',
    cure: 'Read the code: the message has up to 2,000 characters of each definition, the step has all of it. Allow the hazard for this address if it may run; or create the object on the node by hand, and plan again.',
    commands: ['--allow-hazard SCHEMA_CARRIES_CODE=NODE/table.SCHEMA.TABLE', 'steep plan --json'],
  },
  SCHEMA_DDL_REFUSED: {
    severity: 'block',
    title: 'steep does not run this statement',
    meaning:
      'steep parses each statement that changes a table definition, and runs only statements of known kinds, as the owner of the object. This statement is of another kind, concerns another object than it should, would give a function with SECURITY DEFINER to a powerful role, or there is no role that could run it. Nothing of the plan is applied.',
    cause:
      'A function in another language than SQL and PL/pgSQL, a function with SECURITY DEFINER in a schema of a superuser, the role of steep may not SET ROLE to the owner, or a definition was tampered with.',
    cure: 'Do what the message says: create the object by hand, or grant what is missing; then plan again.',
    commands: ['GRANT owner TO steep;', 'schema_sync: strict'],
  },
  SCHEMA_MISMATCH: {
    severity: 'block',
    title: 'Table differences would stop apply',
    meaning:
      'The worker on the subscriber cannot apply the changes: it stops with an error and starts again, in a loop, while the slot keeps WAL on the publisher.',
    cause:
      'The table or one of the published columns is missing on the subscriber, or a column has another type, or a NOT NULL column there is not sent.',
    cure: 'Make the tables match in the columns shown, usually by changing the subscriber, and plan again.',
    commands: ['ALTER TABLE SCHEMA.TABLE ADD COLUMN COLUMN TYPE;'],
  },
  VALUES_CONVERTED: {
    severity: 'danger',
    title: 'Values would be changed on the subscriber, without an error',
    meaning:
      'A column of the subscriber has a type that takes every value of the publisher, and rounds or cuts some of them: fewer digits after the point, fewer fractions of a second, no time zone, jsonb for json. Or the publisher generates the column and does not send it, so that on the subscriber it stays NULL or at its default, or is computed by another expression. Apply continues, and the nodes hold different data.',
    cause:
      'The table was created with other types or expressions than on the publisher, or was altered since on one node only.',
    cure: 'Define the columns alike on both nodes, and copy the table again if it has rows. From 18 on publish_generated_columns: stored sends stored ones. Allow the hazard for this address if the values of the subscriber may differ.',
    commands: ['ALTER TABLE SCHEMA.TABLE ALTER COLUMN COLUMN TYPE TYPE;', 'schema_sync: auto'],
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
