// Everything in which two definitions of a table differ. The first is judged as what a node publishes, the second as
// what another applies it to.

import { formatName } from '../../model/identifier.ts';
import {
  type Effect,
  effects,
  type SchemaDifference,
} from '../../model/schema/schema-difference.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';
import { columnDifferences } from './column-differences.ts';
import { identityDifferences } from './identity-differences.ts';
import { constraintDifferences, indexDifferences } from './key-differences.ts';
import { typeDifferences } from './type-differences.ts';

/** Worst first. One side null: the table is not there; both: nothing. Empty: the same definition. */
export const compareDefinitions = (
  local: TableDefinition | null,
  remote: TableDefinition | null,
): readonly SchemaDifference[] => {
  if (local === null || remote === null) return onlyOne(local, remote);
  return [
    ...columnDifferences(local, remote),
    ...typeDifferences(local.types, remote.types),
    ...constraintDifferences(local, remote),
    ...indexDifferences(local, remote),
    ...identityDifferences(local, remote),
    ...tableDifferences(local, remote),
  ].toSorted((a, b) => effects.indexOf(a.effect) - effects.indexOf(b.effect));
};

/** The worst that any of them does; null: there is none. */
export const worstEffect = (differences: readonly SchemaDifference[]): Effect | null =>
  effects.find((effect) => differences.some((it) => it.effect === effect)) ?? null;

const onlyOne = (
  local: TableDefinition | null,
  remote: TableDefinition | null,
): readonly SchemaDifference[] => {
  if (local !== null) {
    const why = 'Apply has no table for its rows.';
    return [{ ...tableItself, local: formatName(local.name), remote: null, effect: 'stops', why }];
  }
  if (remote === null) return [];
  const why = 'Nothing is sent to it.';
  return [
    { ...tableItself, local: null, remote: formatName(remote.name), effect: 'harmless', why },
  ];
};

const tableItself = { part: 'table', name: null } as const;

const tableDifferences = (a: TableDefinition, b: TableDefinition): readonly SchemaDifference[] =>
  [
    differing(a, b, 'persistence', persistenceOf, unloggedOn(b)),
    differing(a, b, 'partitioning', partitioningOf, partitionsOf(b)),
    differing(a, b, 'table', parentsOf, {
      effect: 'harmless',
      why: 'Apply writes to the table itself, whatever it inherits from.',
    }),
  ].filter((difference) => difference !== null);

const persistenceOf = ({ unlogged }: TableDefinition): string => (unlogged ? 'UNLOGGED' : 'LOGGED');

const unloggedOn = ({ unlogged }: TableDefinition): Judgement =>
  unlogged
    ? { effect: 'silent', why: 'A crash empties it, and what was applied is not sent again.' }
    : { effect: 'silent', why: 'An unlogged table is not published.' };

const partitionsOf = ({ partitionKey, bound }: TableDefinition): Judgement =>
  partitionKey === null && bound === null
    ? { effect: 'harmless', why: 'The subscriber has one table for all rows that are sent.' }
    : { effect: 'stops', why: 'A row that fits no partition of the subscriber stops apply.' };

const partitioningOf = ({ partitionKey, bound }: TableDefinition): string =>
  [
    ...(bound === null ? [] : [bound]),
    partitionKey === null ? 'not partitioned' : `PARTITION BY ${partitionKey}`,
  ].join(' ');

const parentsOf = ({ parents, bound }: TableDefinition): string =>
  parents.length === 0
    ? 'no parent'
    : `${bound === null ? 'INHERITS' : 'PARTITION OF'} ${parents.map(formatName).join(', ')}`;

type Judgement = Pick<SchemaDifference, 'effect' | 'why'>;

const differing = (
  a: TableDefinition,
  b: TableDefinition,
  part: SchemaDifference['part'],
  textOf: (table: TableDefinition) => string,
  judgement: Judgement,
): SchemaDifference | null =>
  textOf(a) === textOf(b)
    ? null
    : { part, name: null, local: textOf(a), remote: textOf(b), ...judgement };
