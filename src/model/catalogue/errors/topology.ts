// Faults of what steep.yaml means: names that lead nowhere, and what a server cannot do.

import type { ErrorExplanation } from '../explanation.ts';

export const topologyErrors = {
  UNKNOWN_NODE: {
    severity: 'error',
    title: 'Unknown node',
    meaning: 'A block refers to a node that is not defined under nodes.',
    cause: 'The name is misspelled, or the node was removed.',
    cure: 'Use the name that the message suggests, or define the node.',
  },
  UNKNOWN_PUBLICATION: {
    severity: 'error',
    title: 'Unknown publication',
    meaning: 'A subscription refers to a publication that is not defined in steep.yaml.',
    cause: 'The name is misspelled, or the publication was removed.',
    cure: 'Use the name that the message suggests, or define the publication on the source.',
  },
  PUBLICATION_NOT_ON_SOURCE: {
    severity: 'error',
    title: 'A publication belongs to another node',
    meaning:
      'A subscription can read publications of its source only, and one of them is on another node.',
    cause: 'The source of the subscription, or the node of the publication, is wrong.',
    cure: 'Correct one of the two, or use one subscription for each source.',
  },
  EMPTY_PUBLICATION: {
    severity: 'error',
    title: 'A publication publishes nothing',
    meaning: 'A publication has neither tables nor schemas, or publishes no operation.',
    cause: 'The entries were removed, or are indented under another key.',
    cure: 'Add a table or a schema, or remove the publication.',
  },
  EMPTY_FILTER: {
    severity: 'error',
    title: 'A row filter is empty',
    meaning: 'A table has the key where and no expression in it.',
    cause: 'The expression was removed, or YAML read it as a comment.',
    cure: 'Write an expression, in quotes if it contains a #, or remove the key.',
  },
  COLUMNS_WITH_SCHEMAS: {
    severity: 'error',
    title: 'A column list is combined with TABLES IN SCHEMA',
    meaning: 'PostgreSQL refuses column lists in a publication that also publishes whole schemas.',
    cause: 'A publication has both schemas and a table with columns.',
    cure: 'Split it into two publications.',
  },
  IDENTITY_CONFLICT: {
    severity: 'error',
    title: 'A table has two replica identities',
    meaning: 'A table has one replica identity, which all its publications share.',
    cause: 'Two publications ask for different identities of the same table.',
    cure: 'Ask for the same identity in both, or in one only.',
  },
  SLOT_NAME_INVALID: {
    severity: 'error',
    title: 'The slot name is not valid',
    meaning: 'The name of a slot has 1 to 63 lower case letters, digits and underscores.',
    cause: 'The slot has this name in steep.yaml, or gets the name of its subscription by default.',
    cure: 'Give the subscription a slot with a valid name.',
    commands: ['slot: NAME'],
  },
  NAME_TAKEN: {
    severity: 'error',
    title: 'A name is used twice',
    meaning:
      'A pair makes a publication, a slot and a subscription for each direction, named PAIR_from_NODE, and another block has that name.',
    cause: 'A publication, a subscription or another pair has this name.',
    cure: 'Rename the pair. Or rename the other block, if it was not applied yet.',
  },
  PAIR_FILTERED: {
    severity: 'error',
    title: 'A pair has a row filter or a column list',
    meaning:
      'Two-way replication keeps two tables equal. With a row filter or a column list each side would have values that the other never gets, and an UPDATE of a row that is missing there is skipped without an error.',
    cause: 'A table of a pair has columns or where.',
    cure: 'Remove it, or replicate that table one way.',
  },
  PAIR_OVERLAP: {
    severity: 'error',
    title: 'A table is replicated between two nodes twice',
    meaning: 'Each row would arrive twice: a duplicate key, or a duplicate row.',
    cause: 'A pair and a subscription, or two pairs, send the same table in the same direction.',
    cure: 'Remove the table from one of the two.',
  },
  SUBSCRIBED_TWICE: {
    severity: 'warning',
    title: 'A node receives a publication twice',
    meaning:
      'Two subscriptions of a node read the same publication, so each change is applied twice.',
    cause: 'A subscription was copied, or two files define the same edge.',
    cure: 'Remove one of the two subscriptions.',
  },
  NO_EFFECT: {
    severity: 'warning',
    title: 'A setting has no effect',
    meaning: 'A setting is valid but has no effect in this position.',
    cause: 'Another setting overrides it.',
    cure: 'Remove the setting, so that nobody relies on it.',
  },
  SLOT_SHARED: {
    severity: 'error',
    title: 'Two subscriptions share a slot',
    meaning:
      'A slot has one position and one reader at a time; two subscribers would each miss what the other has read.',
    cause: 'Two subscriptions with the same source have the same slot, given or by default.',
    cure: 'Give one of them a slot of its own.',
    commands: ['slot: NAME'],
  },
  STILL_DECLARED: {
    severity: 'error',
    title: 'An object is both declared and removed',
    meaning:
      'An entry of removed names an object that is also declared in steep.yaml, so steep cannot know which of the two is meant.',
    cause:
      'The block was added again, or the address belongs to another object. A slot is declared by its subscription.',
    cure: 'Remove the entry, or the block that the message names.',
  },
  RENAME_INVALID: {
    severity: 'error',
    title: 'A rename is not possible',
    meaning:
      'An entry of renamed has a from that is still in use, a to that is not defined in steep.yaml, or two addresses that cannot be the same object.',
    cause:
      'An address is misspelled, or the object was moved rather than renamed. PostgreSQL cannot rename slots.',
    cure: 'Correct the entry as the message says. To use a slot with another name, set slot in its subscription.',
    commands: ['slot: NAME'],
  },
  LOOP: {
    severity: 'error',
    title: 'Replication loop',
    meaning:
      'Nodes replicate to each other in a circle, and nothing stops a change from coming back to its origin.',
    cause: 'A subscription in a circle of subscriptions does not have origin = none.',
    cure: 'Set origin to none on every subscription of the circle, or remove one of them.',
    commands: ['options: { origin: none }'],
    versions: 'The option origin exists from PostgreSQL 16.',
  },
  SAME_NODE: {
    severity: 'error',
    title: 'A subscription reads from its own database',
    meaning: 'A database would receive its own changes and apply them again.',
    cause: 'The node and the source of a subscription are the same.',
    cure: 'Correct node or source.',
  },
  TABLE_NOT_FOUND: {
    severity: 'error',
    title: 'A published table does not exist',
    meaning:
      'A publication lists a name that is not an ordinary or partitioned table in its database.',
    cause:
      'The name is misspelled, the table is in another schema, or it has not been created yet.',
    cure: 'Correct the name, or create the table and plan again. Views and foreign tables cannot be published.',
  },
  COLUMN_NOT_FOUND: {
    severity: 'error',
    title: 'A published column does not exist',
    meaning: 'A column list names a column that the table does not have.',
    cause: 'The name is misspelled, or the column was renamed or dropped.',
    cure: 'Correct the column list.',
  },
  FEATURE_NOT_SUPPORTED: {
    severity: 'error',
    title: 'A feature does not exist on this server',
    meaning: 'A publication uses a feature of a later release of PostgreSQL.',
    cause: 'The file was written for a newer server.',
    cure: 'Remove it from the file, or upgrade the node.',
    versions:
      'Row filters, column lists and schemas came with 15, publish_generated_columns with 18.',
  },
  OPTION_NOT_SUPPORTED: {
    severity: 'error',
    title: 'A subscription option does not exist on this server',
    meaning:
      'A subscription uses an option, or a value of an option, of a later release of PostgreSQL.',
    cause: 'The file was written for a newer server.',
    cure: 'Remove the option from the subscription, or upgrade the node of the subscriber.',
    versions:
      'two_phase and disable_on_error came with 15, origin, password_required, run_as_owner and streaming = parallel with 16, failover with 17.',
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
