// How the user's own types that two definitions of a table use differ, and what each difference does to apply.

import { formatName } from '../../model/identifier.ts';
import { typeText } from '../../model/schema/definition-text.ts';
import type { Effect, SchemaDifference } from '../../model/schema/schema-difference.ts';
import type { TypeDefinition } from '../../model/schema/table-definition.ts';
import { demandsTheSame } from './same-demand.ts';

/** Types that both use; that a column has another type is reported for the column. */
export const typeDifferences = (
  local: readonly TypeDefinition[],
  remote: readonly TypeDefinition[],
): readonly SchemaDifference[] => {
  const there = new Map(remote.map((type) => [keyOf(type), type]));
  return local.flatMap((type): readonly SchemaDifference[] => {
    const other = there.get(keyOf(type));
    if (other === undefined || (other.kind === type.kind && typeText(type) === typeText(other))) {
      return [];
    }
    return [
      {
        part: 'type',
        name: formatName(type.name),
        local: typeText(type),
        remote: typeText(other),
        ...judge(type, other),
      },
    ];
  });
};

/** A collation may have the name of a type. */
const keyOf = ({ kind, name }: TypeDefinition): string =>
  `${kind === 'collation' ? kind : 'type'} ${formatName(name)}`;

const judge = (
  a: TypeDefinition,
  b: TypeDefinition,
): { readonly effect: Effect; readonly why: string } => {
  if (a.kind === 'enum' && b.kind === 'enum') return judgeLabels(a.labels, b.labels);
  if (a.kind === 'domain' && b.kind === 'domain' && isLooser(a, b)) {
    return { effect: 'harmless', why: 'The subscriber accepts what is sent.' };
  }
  if (a.kind === 'collation' && b.kind === 'collation') return judgeCollation(b);
  return { effect: 'stops', why: 'A value that the other type does not accept stops apply.' };
};

const judgeLabels = (
  a: readonly string[],
  b: readonly string[],
): { readonly effect: Effect; readonly why: string } => {
  if (a.some((label) => !b.includes(label))) {
    return { effect: 'stops', why: 'A label that the subscriber does not have stops apply.' };
  }
  const shared = b.filter((label) => a.includes(label));
  return shared.every((label, index) => label === a[index])
    ? { effect: 'harmless', why: 'The subscriber has every label that is sent.' }
    : { effect: 'harmless', why: 'The same labels sort in a different order.' };
};

type Collation = TypeDefinition & { readonly kind: 'collation' };

/** Only one that is not deterministic takes values that differ for equal ones. */
export const judgeCollation = (
  own: Collation,
): { readonly effect: Effect; readonly why: string } =>
  own.deterministic
    ? { effect: 'harmless', why: 'The same values sort in a different order.' }
    : {
        effect: 'stops',
        why: 'Values that are different on the publisher may be equal on the subscriber, where a unique key refuses them.',
      };

type Domain = TypeDefinition & { readonly kind: 'domain' };

/** The subscriber's domain demands nothing that the publisher's does not. */
const isLooser = (a: Domain, b: Domain): boolean => {
  return (
    a.base === b.base &&
    (a.notNull || !b.notNull) &&
    b.checks.every(({ definition }) =>
      a.checks.some((it) => demandsTheSame(it.definition, definition)),
    )
  );
};
