// Rights to tables, publications and subscriptions. Only their owner changes them, or a member of its role.

import {
  compareText,
  formatName,
  type QualifiedName,
  quoteIdentifier,
} from '../../model/identifier.ts';
import type { OwnedObject } from '../../model/state/rights.ts';
import type { Table } from '../../model/state/table.ts';
import { objectOwnership, tableOwnership } from './ownership.ts';
import { schemaGrants } from './read-grants.ts';
import {
  type RequiredRight,
  type RightKind,
  type RoleOnNode,
  requiredRight,
} from './required-right.ts';
import { makeSuperuser } from './server-rights.ts';

/** The tables of a node by their names: those that are not there yet are made by the plan. */
export type FindTable = (name: QualifiedName) => Table | undefined;

interface TableRight {
  readonly kind: RightKind;
  /** In front of the name of the table. */
  readonly purpose: string;
  readonly held: (table: Table) => boolean;
  readonly sql: (table: Table, place: RoleOnNode) => readonly string[];
  readonly instead?: (table: Table, place: RoleOnNode) => readonly string[];
}

const owning = {
  sql: (table: Table, { role }: RoleOnNode) =>
    tableOwnership([{ ...table, table: table.name }], role).sql,
  instead: (table: Table, { role }: RoleOnNode) =>
    tableOwnership([{ ...table, table: table.name }], role).instead,
};

const owned = ({ ownedByRole }: Table): boolean => ownedByRole;
const name = ({ role }: RoleOnNode): string => quoteIdentifier(role);

export const publishing: TableRight = {
  kind: 'publish',
  purpose: 'publishing',
  held: owned,
  ...owning,
};

/** Apply switches to the owner of each table that it writes to (16+; a superuser applies before). */
export const receiving: TableRight = {
  kind: 'receive',
  purpose: 'applying changes to',
  held: ({ settable }) => settable,
  ...owning,
};

/** Indexes and constraints are dropped before a copy and made after it, which only the owner may. */
export const filling: TableRight = { kind: 'fill', purpose: 'filling', held: owned, ...owning };

export const altering: TableRight = { kind: 'alter', purpose: 'changing', held: owned, ...owning };

/** Of an empty table, which TRUNCATE of another one has to name. */
export const truncating: TableRight = {
  kind: 'truncate',
  purpose: 'TRUNCATE of',
  held: ({ truncatable }) => truncatable,
  sql: (table, place) => [`GRANT TRUNCATE ON ${formatName(table.name)} TO ${name(place)};`],
};

export const reading: TableRight = {
  kind: 'read',
  purpose: 'reading',
  held: ({ readable }) => readable,
  sql: (table, place) => [`GRANT SELECT ON ${formatName(table.name)} TO ${name(place)};`],
};

/** An owner that revoked its own privileges lacks it. From 17 on there is a privilege that neither reads nor changes rows. */
export const locking: TableRight = {
  kind: 'lock',
  purpose: 'LOCK TABLE',
  held: ({ lockable }) => lockable,
  sql: (table, place) => {
    const { maintainPrivilege } = place.state.server.features;
    const right = maintainPrivilege ? 'MAINTAIN' : 'UPDATE';
    return [`GRANT ${right} ON ${formatName(table.name)} TO ${name(place)};`];
  },
};

/** The owner sees all of them, unless it is forced. */
const allRows = (kind: 'all-rows' | 'rows-of-others'): TableRight => ({
  kind,
  purpose: 'all rows of',
  held: ({ rowsHidden }) => !rowsHidden,
  sql: (_table, place) => [`ALTER ROLE ${name(place)} BYPASSRLS;`],
});

export const tableRights = (
  place: RoleOnNode,
  names: readonly QualifiedName[],
  find: FindTable,
  right: TableRight,
): readonly RequiredRight[] => {
  const tables = names.flatMap((it) => find(it) ?? []);
  return [
    ...schemaRights(place, tables),
    ...tables.map((table) =>
      requiredRight(place, {
        kind: right.kind,
        object: formatName(table.name),
        purpose: `${right.purpose} ${formatName(table.name)}`,
        held: right.held(table),
        sql: right.sql(table, place),
        instead: right.instead?.(table, place) ?? [],
      }),
    ),
  ];
};

/** Row security would hide rows from a copy. `owned`: the role is to own the tables. */
export const allRowsRights = (
  place: RoleOnNode,
  names: readonly QualifiedName[],
  find: FindTable,
  { owned: isOwner }: { readonly owned: boolean },
): readonly RequiredRight[] => {
  const having = (security: Table['rowSecurity']): readonly QualifiedName[] =>
    names.filter((it) => find(it)?.rowSecurity === security);
  return [
    ...tableRights(place, having('forced'), find, allRows('all-rows')),
    ...(isOwner ? [] : tableRights(place, having('enabled'), find, allRows('rows-of-others'))),
  ];
};

/** Without USAGE on its schema, no table is found, not even by its owner. */
const schemaRights = (place: RoleOnNode, tables: readonly Table[]): readonly RequiredRight[] => {
  const schemas = [...new Set(tables.map((table) => table.name.schema))].sort(compareText);
  return schemas.map((schema) => {
    const inside = tables.filter((table) => table.name.schema === schema);
    return requiredRight(place, {
      kind: 'schemas',
      object: schema,
      purpose: `schema ${quoteIdentifier(schema)}`,
      held: inside.every(({ reachable }) => reachable),
      sql: schemaGrants(
        inside.slice(0, 1).map((table) => table.name),
        place.role,
      ),
    });
  });
};

/** To make tables, indexes and keys; a schema that is not there yet will be the role's own. */
export const createInRights = (
  place: RoleOnNode,
  schemas: readonly string[],
  needed: boolean,
): readonly RequiredRight[] =>
  place.state.ownership.schemas
    .filter((schema) => schemas.includes(schema.name))
    .map((schema) => {
      const quoted = quoteIdentifier(schema.name);
      return requiredRight(place, {
        kind: 'create-in',
        object: schema.name,
        purpose: `creating objects in schema ${quoted}`,
        held: schema.creatable,
        needed,
        sql: [`GRANT CREATE ON SCHEMA ${quoted} TO ${name(place)};`],
      });
    });

const ownershipRights = (
  place: RoleOnNode,
  kind: 'publication' | 'subscription',
  objects: readonly OwnedObject[],
): readonly RequiredRight[] =>
  objects.map((object) => {
    const { sql, instead } = objectOwnership(
      kind === 'publication' ? 'PUBLICATION' : 'SUBSCRIPTION',
      [object],
      place.role,
    );
    const superuser = object.forSuperusers && object.ownerSuperuser;
    return requiredRight(place, {
      kind,
      object: object.name,
      purpose: `${kind} ${object.name}`,
      held: object.owned,
      superuser,
      sql: superuser ? [makeSuperuser(place.role)] : sql,
      instead: superuser ? [] : instead,
    });
  });

/** Those of this name that are there. */
export const ownPublication = (place: RoleOnNode, publication: string): readonly RequiredRight[] =>
  ownershipRights(
    place,
    'publication',
    place.state.ownership.publications.filter((it) => it.name === publication),
  );

export const ownSubscription = (
  place: RoleOnNode,
  subscription: string,
): readonly RequiredRight[] =>
  ownershipRights(
    place,
    'subscription',
    place.state.ownership.subscriptions.filter((it) => it.name === subscription),
  );
