// Hazards of table definitions that differ between the two ends.

import type { HazardExplanation } from '../explanation.ts';

export const schemaHazards = {
  SCHEMA_ORDER: {
    severity: 'block',
    title: 'Schema changes must be made in order',
    meaning:
      'A column that the publisher sends and the subscriber lacks stops apply. So a column is added on the subscriber first, and dropped there last, when everything sent with it has been applied. A plan keeps this order; a disabled subscription never catches up.',
    cause:
      'With schema_sync: auto something is to be taken away from the tables of a subscription that is disabled.',
    cure: 'Enable the subscription, let it catch up, and plan again. By hand: to add a column, the subscriber and then the publisher; to drop one, the publisher and then the subscriber.',
    commands: ['enabled: true'],
  },
  SCHEMA_DATA_LOSS: {
    severity: 'danger',
    title: 'DDL deletes data of the subscriber',
    meaning:
      'A column or table of the subscriber is dropped, or a column gets a type that may not hold every value. What only the subscriber holds in it is gone, and cannot be rolled back once it is committed.',
    cause:
      'With schema_sync: auto the tables of the subscriber are made like those of its publisher, which has the column no more, or with another type.',
    cure: 'Save what is needed. Allow the hazard for this address if the publisher holds all that matters; or leave the table to somebody else.',
    commands: ['schema_sync: manual'],
  },
  SCHEMA_CARRIES_CODE: {
    severity: 'danger',
    title: 'A definition brings code to the node',
    meaning:
      'A function, or an expression that is more than constants and harmless built-in functions, is created on the node as another server or a snapshot has it. It runs there when a column is added, when rows are stored, or when it is called, with the rights of the owner of the table or of whoever calls it. Whoever may change the tables of the publisher, or the files of the snapshot, can write such code.',
    cause:
      'With schema_sync: auto, or --schema-sync auto of snapshot apply, a default, a generated column, a check, an index or a domain calls a function that is not an immutable built-in one, or a function or an extension comes along.',
    cure: 'Read the code, which the message has in full up to 2,000 characters each, and the step in full. Allow the hazard for this address if it may run; or create the object on the node by hand, and plan again.',
    commands: ['--allow-hazard SCHEMA_CARRIES_CODE=NODE/table.SCHEMA.TABLE', 'steep plan --json'],
  },
  SCHEMA_DDL_REFUSED: {
    severity: 'block',
    title: 'steep does not run this statement',
    meaning:
      'Each statement that is to bring a node in line is parsed, and only those of a known kind are run, as the owner of what they are about. This one is not of a known kind, is about something else than it should be, would leave a function with SECURITY DEFINER to a powerful role, or there is no role as which it could run. Nothing of the plan is applied.',
    cause:
      'A function in another language than SQL and PL/pgSQL, a function with SECURITY DEFINER in a schema of a superuser, a role of steep that may not SET ROLE to the owner, or a definition that was tampered with.',
    cure: 'Do what the message says: create the object by hand, or grant what is missing; then plan again.',
    commands: ['GRANT owner TO steep;', 'schema_sync: strict'],
  },
  SCHEMA_MISMATCH: {
    severity: 'block',
    title: 'The tables differ in what apply needs',
    meaning:
      'The worker on the subscriber cannot apply the changes: it stops with an error and starts again, in a loop, while the slot keeps WAL on the publisher.',
    cause:
      'The table or one of the published columns is missing on the subscriber, or a column has another type, or a NOT NULL column there is not sent.',
    cure: 'Make the tables agree in the columns shown, as a rule by changing the subscriber, and plan again.',
    commands: ['ALTER TABLE SCHEMA.TABLE ADD COLUMN COLUMN TYPE;'],
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
