// Why a role is to have each kind of right: the comments of a script of grants.

import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { NodeState } from '../../model/state/state.ts';
import type { RequiredRight, RightKind } from '../rights/required-right.ts';

type Reason = (rights: readonly RequiredRight[], state: NodeState) => readonly string[];

const because =
  (...lines: readonly string[]): Reason =>
  () =>
    lines;

const ownership = (demand: string): Reason =>
  because(
    `${demand} Membership in the role of the owner is enough, and the owner keeps its tables;`,
    'a table of a superuser gets another owner instead, because membership would give superuser rights.',
  );

const hidden = because('Row security would hide rows from a copy.');

/** None: the role is made with it. */
export const grantReasons: { readonly [K in RightKind]: Reason } = {
  role: because(),
  replication: because(),
  metadata: (_rights, { server, ownership: { metadata } }) => {
    const apart = metadata.database !== server.database;
    const place = apart ? ` Run this in database ${metadata.database}.` : '';
    return [`${metadataSchema}: the records of steep on this node.${place}`];
  },
  create: (rights) => [`To create ${rights.map(({ object }) => object).join(' and ')}.`],
  schemas: because('Without USAGE on its schema no table is found, not even by its owner.'),
  'create-in': because(
    'To create tables, and the indexes that are dropped before a large copy and created again after it;',
    'without it, large tables are filled with their indexes in place.',
  ),
  publish: ownership('Only its owner may publish a table.'),
  publication: because('ALTER PUBLICATION needs its owner.'),
  'publish-schemas': because(
    'TABLES IN SCHEMA is for superusers only: list the tables in steep.yaml, or',
  ),
  'superuser-subscribes': (_rights, { server }) => [
    `CREATE SUBSCRIPTION needs a superuser on PostgreSQL ${server.version}; no grant replaces that before 16.`,
  ],
  'without-password': because(
    'password_required = false is for superusers only: remove it from steep.yaml, or',
  ),
  subscribe: because(
    'CREATE SUBSCRIPTION; its connection must hold a password, and the publisher must ask for it.',
  ),
  receive: ownership('Changes are applied as the owner of each table.'),
  subscription: because('ALTER SUBSCRIPTION needs its owner.'),
  fill: ownership('Indexes and constraints are dropped before a copy, and made after it.'),
  truncate: because(
    'TRUNCATE of a table has to name the empty tables that refer to it, too; these are not filled.',
  ),
  alter: ownership('Only its owner alters a table.'),
  read: because('To copy the rows of the tables.'),
  'read-sequences': because('To bring the sequences of copied tables as far as they are here.'),
  'set-sequences': because(
    'To set the sequences of copied tables; without it, those that PostgreSQL copies stay behind.',
  ),
  'own-sequences': ownership(
    'A merge lets the nodes draw odd and even numbers: ALTER SEQUENCE needs its owner.',
  ),
  'all-rows': hidden,
  'rows-of-others': hidden,
  lock: because('To lock tables while a publication changes.'),
  parameter: because(
    'To fill or to merge tables without their triggers and foreign keys, as PostgreSQL does when it applies changes;',
    'and to keep the password of a subscription out of the log of the server.',
  ),
  'read-origins': because(
    'To read how far a subscription has applied, when its publications get other names and after a merge.',
  ),
  'set-origins': because(
    'To set where a subscription begins, after a merge or a physical copy (steep init complete). After a copy the position',
    'is read from a file of the server: without that right, which allows reading all files of its data directory, give it with --source-lsn.',
  ),
  'tag-origins': because(
    'To write merged rows with an origin, so that they are not sent back to where they came from.',
  ),
  'log-snapshots': because(
    'To advance slots at once; without it, some steps wait up to 15 seconds longer.',
  ),
  'mark-slots': because(
    'To reset the counters of each slot once: the time tells it from a slot that is created later with the same name.',
  ),
};
