// How a role may come to act as the owner of something. Membership leaves the owner what it has; where the owner is a
// superuser, membership would be far too much, and the ownership itself is passed on.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { Owned } from '../../model/state/rights.ts';

export interface OwnershipSql {
  readonly sql: readonly string[];
  readonly instead: readonly string[];
}

type Owner = Pick<Owned, 'owner' | 'ownerSuperuser'>;

interface Possession extends Owner {
  /** As in ALTER … OWNER TO: `TABLE public.orders`. */
  readonly what: string;
}

const changeOwner = ({ what }: Possession, role: string): string =>
  `ALTER ${what} OWNER TO ${quoteIdentifier(role)};`;

const ownershipSql = (possessions: readonly Possession[], role: string): OwnershipSql => {
  const foreign = possessions.filter(({ owner }) => owner !== role);
  const ofSuperusers = foreign.filter(({ ownerSuperuser }) => ownerSuperuser);
  const others = foreign.filter(({ ownerSuperuser }) => !ownerSuperuser);
  const owners = [...new Set(others.map(({ owner }) => owner))].sort();
  return {
    sql: [
      ...owners.map((owner) => `GRANT ${quoteIdentifier(owner)} TO ${quoteIdentifier(role)};`),
      ...ofSuperusers.map((possession) => changeOwner(possession, role)),
    ],
    instead: others.map((possession) => changeOwner(possession, role)),
  };
};

export const tableOwnership = (
  tables: readonly (Owner & { readonly table: QualifiedName })[],
  role: string,
): OwnershipSql =>
  ownershipSql(
    tables.map((owned) => ({ ...owned, what: `TABLE ${formatName(owned.table)}` })),
    role,
  );

export const sequenceOwnership = (
  { name, ...owner }: Owner & { readonly name: QualifiedName },
  role: string,
): OwnershipSql => ownershipSql([{ ...owner, what: `SEQUENCE ${formatName(name)}` }], role);

export const objectOwnership = (
  kind: 'PUBLICATION' | 'SUBSCRIPTION',
  objects: readonly (Owner & { readonly name: string })[],
  role: string,
): OwnershipSql =>
  ownershipSql(
    objects.map((owned) => ({ ...owned, what: `${kind} ${quoteIdentifier(owned.name)}` })),
    role,
  );
