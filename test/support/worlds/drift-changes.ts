// Changes of definitions that people make manually, how each is put back, and what drift says of it: address, code and
// fields.

import type { DriftWorld } from './drift-world.ts';

export interface Change {
  readonly what: string;
  readonly on: 'primary' | 'reporting';
  readonly statements: (feed: string, world: DriftWorld) => readonly string[];
  readonly back: (feed: string, world: DriftWorld) => readonly string[];
  readonly found: (feed: string) => readonly unknown[];
  /** Majors of the node that know the feature. */
  readonly since?: number;
}

const sales = (...fields: readonly string[]) => [
  ['primary/publication.sales', 'DRIFT_CHANGED', fields],
];
/** The subscription, with the fields that are not as they were applied. */
export const feedChanged =
  (...fields: readonly string[]) =>
  (feed: string) => [[`reporting/subscription.${feed}`, 'DRIFT_CHANGED', fields]];

const applied = 'TABLE customers, orders (id, total) WHERE (id > 0 AND id <> 7)';

export const changes: readonly Change[] = [
  {
    what: 'a table added to a publication',
    on: 'primary',
    statements: () => ['ALTER PUBLICATION sales ADD TABLE extra'],
    back: () => ['ALTER PUBLICATION sales DROP TABLE extra'],
    found: () => sales('tables'),
  },
  {
    what: 'a table taken out of a publication',
    on: 'primary',
    statements: () => ['ALTER PUBLICATION sales DROP TABLE customers'],
    back: () => ['ALTER PUBLICATION sales ADD TABLE customers'],
    found: () => sales('tables'),
  },
  {
    what: 'a row filter',
    on: 'primary',
    statements: () => [
      'ALTER PUBLICATION sales SET TABLE customers, orders (id, total) WHERE (id > 5)',
    ],
    back: () => [`ALTER PUBLICATION sales SET ${applied}`],
    found: () => sales('public.orders'),
    since: 15,
  },
  {
    what: 'a column list',
    on: 'primary',
    statements: () => [
      'ALTER PUBLICATION sales SET TABLE customers, orders WHERE (id > 0 AND id <> 7)',
    ],
    back: () => [`ALTER PUBLICATION sales SET ${applied}`],
    found: () => sales('public.orders'),
    since: 15,
  },
  {
    what: 'a schema',
    on: 'primary',
    statements: () => ['CREATE SCHEMA more', 'ALTER PUBLICATION spare ADD TABLES IN SCHEMA more'],
    back: () => ['ALTER PUBLICATION spare DROP TABLES IN SCHEMA more', 'DROP SCHEMA more'],
    found: () => [['primary/publication.spare', 'DRIFT_CHANGED', ['schemas']]],
    since: 15,
  },
  {
    what: 'settings of a publication',
    on: 'primary',
    statements: () => [
      `ALTER PUBLICATION sales SET (publish = 'insert', publish_via_partition_root = true)`,
    ],
    back: () => [
      `ALTER PUBLICATION sales SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = false)`,
    ],
    found: () => sales('publish', 'publish_via_partition_root'),
  },
  {
    what: 'generated columns',
    on: 'primary',
    statements: () => ['ALTER PUBLICATION sales SET (publish_generated_columns = stored)'],
    back: () => ['ALTER PUBLICATION sales SET (publish_generated_columns = none)'],
    found: () => sales('publish_generated_columns'),
    since: 18,
  },
  {
    what: 'a publication renamed',
    on: 'primary',
    statements: () => ['ALTER PUBLICATION spare RENAME TO other'],
    back: () => ['ALTER PUBLICATION other RENAME TO spare'],
    found: () => [['primary/publication.spare', 'DRIFT_GONE', []]],
  },
  {
    what: 'a subscription disabled',
    on: 'reporting',
    statements: (feed) => [`ALTER SUBSCRIPTION ${feed} DISABLE`],
    back: (feed) => [`ALTER SUBSCRIPTION ${feed} ENABLE`],
    found: feedChanged('enabled'),
  },
  {
    what: 'publications of a subscription',
    on: 'reporting',
    statements: (feed) => [
      `ALTER SUBSCRIPTION ${feed} SET PUBLICATION sales, spare WITH (refresh = false)`,
    ],
    back: (feed) => [`ALTER SUBSCRIPTION ${feed} SET PUBLICATION sales WITH (refresh = false)`],
    found: feedChanged('publications'),
  },
  {
    what: 'options of a subscription',
    on: 'reporting',
    statements: (feed) => [
      `ALTER SUBSCRIPTION ${feed} SET (binary = true, synchronous_commit = on)`,
    ],
    back: (feed) => [`ALTER SUBSCRIPTION ${feed} SET (binary = false, synchronous_commit = off)`],
    found: feedChanged('binary', 'synchronous_commit'),
  },
  {
    what: 'a subscription detached from its slot',
    on: 'reporting',
    statements: (feed) => [
      `ALTER SUBSCRIPTION ${feed} DISABLE`,
      `ALTER SUBSCRIPTION ${feed} SET (slot_name = NONE)`,
    ],
    back: (feed) => [
      `ALTER SUBSCRIPTION ${feed} SET (slot_name = ${feed})`,
      `ALTER SUBSCRIPTION ${feed} ENABLE`,
    ],
    found: feedChanged('enabled', 'slot'),
  },
  {
    what: 'the connection of a subscription',
    on: 'reporting',
    statements: (feed, { primary }) => [
      `ALTER SUBSCRIPTION ${feed} CONNECTION '${primary.conninfo.text} application_name=other'`,
    ],
    back: (feed, { primary }) => [
      `ALTER SUBSCRIPTION ${feed} CONNECTION '${primary.conninfo.text}'`,
    ],
    found: feedChanged('connection'),
  },
  {
    what: 'a row of ownership deleted',
    on: 'primary',
    statements: () => [
      'CREATE TABLE kept AS SELECT * FROM steep_repl.objects',
      'DELETE FROM steep_repl.objects',
    ],
    back: () => ['INSERT INTO steep_repl.objects SELECT * FROM kept', 'DROP TABLE kept'],
    found: (feed) => [
      ['primary/publication.sales', 'OWNERSHIP_LOST', []],
      ['primary/publication.spare', 'OWNERSHIP_LOST', []],
      [`primary/slot.${feed}`, 'OWNERSHIP_LOST', []],
    ],
  },
];
