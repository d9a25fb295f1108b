// Of the rights that a role lacks on a node, those to grant: one statement may bring several of them.

import type { RequiredRight, RightKind } from './required-right.ts';

/** Who owns a table, or is a member of its owner, has these too. */
const ofOwners: ReadonlySet<RightKind> = new Set(['truncate', 'read', 'lock', 'rows-of-others']);
const owning: ReadonlySet<RightKind> = new Set(['publish', 'receive', 'fill', 'alter']);

/** Of what a role lacks: a superuser lacks nothing else, and a role that is not there is to be made first. */
export const toGrant = (missing: readonly RequiredRight[]): readonly RequiredRight[] => {
  const [superuser] = missing.filter((right) => right.superuser);
  if (superuser === undefined) return withoutRepeats(missing);
  return withoutRepeats(missing.filter((right) => right === superuser || right.kind === 'role'));
};

/** In the order in which they are to be granted, without those that the statements of others bring. */
export const withoutRepeats = (rights: readonly RequiredRight[]): readonly RequiredRight[] => {
  const owned = new Set(rights.filter(({ kind }) => owning.has(kind)).map(({ object }) => object));
  const given = new Set<string>();
  return inOrder(rights)
    .filter(({ kind, object }) => !ofOwners.has(kind) || !owned.has(object))
    .filter(({ sql }) => {
      const isNew = sql.some((statement) => !given.has(statement));
      for (const statement of sql) given.add(statement);
      return isNew;
    });
};

/** The role first, then what is to be made, then single objects. */
const kindsInOrder: readonly RightKind[] = [
  'role',
  'metadata',
  'create',
  'publication',
  'publish-schemas',
  'replication',
  'superuser-subscribes',
  'without-password',
  'subscribe',
  'subscription',
  'schemas',
  'create-in',
  'receive',
  'publish',
  'alter',
  'fill',
  'truncate',
  'read',
  'all-rows',
  'rows-of-others',
  'read-sequences',
  'set-sequences',
  'own-sequences',
  'lock',
  'parameter',
  'read-origins',
  'set-origins',
  'tag-origins',
  'log-snapshots',
  'mark-slots',
];

/** Rights of one kind stay in the order in which the steps need them. */
const inOrder = (rights: readonly RequiredRight[]): readonly RequiredRight[] =>
  kindsInOrder.flatMap((wanted) => rights.filter(({ kind }) => kind === wanted));
