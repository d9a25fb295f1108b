// What changing the schema of a subscriber does: to its data, to those who use the tables, to apply.

import type { Address, NodeName } from '../../model/address.ts';
import type { FoundHazard } from '../../model/hazard.ts';
import { quoteIdentifier } from '../../model/identifier.ts';
import type { ResourceOf } from '../../model/resource.ts';
import type { SchemaObject, SchemaStatement } from '../../model/schema-change.ts';
import { hazard, listNames } from './hazard.ts';

const partsOf = (statements: readonly SchemaStatement[]): string =>
  listNames([...new Set(statements.map(({ part, object }) => part ?? object.name))], 20);

const dataLoss = (
  node: NodeName,
  address: Address,
  { name }: SchemaObject,
  statements: readonly SchemaStatement[],
): readonly FoundHazard[] => {
  const losing = statements.filter(({ losesData }) => losesData);
  if (losing.length === 0) return [];
  return [
    hazard(
      'danger',
      'SCHEMA_DATA_LOSS',
      address,
      `${losing.some(({ verb }) => verb === 'drop') ? 'Drops' : 'Changes the type of'} ${partsOf(losing)} of ${name} on node ${node}: what only this node holds in it is gone.`,
      'Save what is needed first, or use schema_sync: manual and bring the table in line by hand.',
    ),
  ];
};

const locks = (
  node: NodeName,
  address: Address,
  { name }: SchemaObject,
  statements: readonly SchemaStatement[],
): readonly FoundHazard[] => {
  const locking = statements.filter(({ lock, inUse }) => inUse && lock === 'ACCESS EXCLUSIVE');
  if (locking.length === 0) return [];
  const rewrites = locking.some((statement) => statement.rewrites);
  return [
    hazard(
      'warning',
      'LOCK_ACCESS_EXCLUSIVE',
      address,
      `DDL on ${name} of node ${node} takes an ACCESS EXCLUSIVE lock; while it waits, readers and apply queue behind it.${rewrites ? ' The whole table may be written anew under it.' : ''}`,
      'It gives up after the lock timeout and tries again; apply at a quiet time.',
    ),
  ];
};

/** Of the DDL on one object. */
export const schemaHazards = (
  node: NodeName,
  address: Address,
  object: SchemaObject,
  statements: readonly SchemaStatement[],
): readonly FoundHazard[] => [
  ...dataLoss(node, address, object, statements),
  ...locks(node, address, object, statements),
];

/** What a disabled subscription has not applied yet may still need what would be taken away. */
export const schemaOrderHazards = (
  edges: readonly ResourceOf<'subscription'>[],
  statements: readonly SchemaStatement[],
): readonly FoundHazard[] =>
  edges
    .filter(({ spec }) => !spec.enabled)
    .map(({ address, name }) =>
      hazard(
        'block',
        'SCHEMA_ORDER',
        address,
        `Subscription ${quoteIdentifier(name)} is disabled: what it has not applied yet may still need ${partsOf(statements.filter(({ phase }) => phase === 'after'))}.`,
        'Enable it, let it catch up, then plan again.',
      ),
    );
