// Hazards of table definitions that differ between the two ends.

import type { HazardExplanation } from '../explanation.ts';

export const schemaHazards = {
  SCHEMA_ORDER: {
    severity: 'notice',
    title: 'Schema changes have an order',
    meaning:
      'A column that the publisher sends and the subscriber lacks stops apply. It is safe to add a column on the subscriber first, and to drop one on the publisher first.',
    cause: 'The columns of a published table change.',
    cure: 'Change the tables in this order: to add a column, the subscriber and then the publisher; to drop one, the publisher and then the subscriber.',
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
