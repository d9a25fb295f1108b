// Hazards of table definitions that differ between the two ends.

import type { HazardExplanation } from '../explanation.ts';

export const schemaHazards = {
  SCHEMA_ORDER: {
    severity: 'block',
    title: 'Schema changes have an order',
    meaning:
      'A column that the publisher sends and the subscriber lacks stops apply. So a column is added on the subscriber first, and dropped there last, when everything sent with it has been applied. A plan keeps this order; a disabled subscription never catches up.',
    cause:
      'With schema_sync: auto something is to be taken away from the tables of a subscription that is disabled.',
    cure: 'Enable the subscription, let it catch up, and plan again. By hand: to add a column, the subscriber and then the publisher; to drop one, the publisher and then the subscriber.',
    commands: ['enabled: true'],
  },
  SCHEMA_DATA_LOSS: {
    severity: 'danger',
    title: 'DDL takes data of the subscriber away',
    meaning:
      'A column or table of the subscriber is dropped, or a column gets a type that may not hold every value. What only the subscriber holds in it is gone, and cannot be rolled back once it is committed.',
    cause:
      'With schema_sync: auto the tables of the subscriber are made like those of its publisher, which has the column no more, or with another type.',
    cure: 'Save what is needed. Allow the hazard for this address if the publisher holds all that matters; or leave the table to somebody else.',
    commands: ['schema_sync: manual'],
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
