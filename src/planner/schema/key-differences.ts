// How constraints and indexes of two definitions of a table differ, and what each difference does to apply.

import type { Effect, SchemaDifference } from '../../model/schema/schema-difference.ts';
import type {
  ConstraintDefinition,
  ConstraintKind,
  IndexDefinition,
  TableDefinition,
} from '../../model/schema/table-definition.ts';
import { demandsTheSame, isUniqueThere } from './same-demand.ts';

interface Verdict {
  readonly effect: Effect;
  readonly why: string;
}

type Keys = Pick<TableDefinition, 'constraints' | 'indexes'>;

/** By name: what only one side has, and what differs. One with another name only is no more than that. */
export const constraintDifferences = (local: Keys, remote: Keys): readonly SchemaDifference[] =>
  paired(local.constraints, remote.constraints, constraintText).map(([a, b]) => ({
    part: 'constraint',
    name: (a ?? b)?.name ?? null,
    local: a === null ? null : constraintText(a),
    remote: b === null ? null : constraintText(b),
    ...judgeConstraint(a, b, local),
  }));

const constraintText = ({ definition }: ConstraintDefinition): string => definition;

const judgeConstraint = (
  a: ConstraintDefinition | null,
  b: ConstraintDefinition | null,
  publisher: Keys,
): Verdict => {
  if (a !== null && b !== null && a.name !== b.name) return renamed;
  if (b === null) return weaker;
  if (b.kind === 'check' && a?.kind === 'check' && demandsTheSame(a.definition, b.definition))
    return sameCheck;
  return isUniqueThere(b.definition, publisher) ? uniqueThere : constraintOnSubscriber[b.kind];
};

const sameCheck: Verdict = { effect: 'harmless', why: 'Only its casts and parentheses differ.' };
const uniqueThere: Verdict = { effect: 'harmless', why: 'Rows of the publisher are unique by it.' };
const renamed: Verdict = { effect: 'harmless', why: 'Only the name differs.' };
const weaker: Verdict = { effect: 'harmless', why: 'The subscriber accepts more than is sent.' };
const constraintOnSubscriber: Readonly<Record<ConstraintKind, Verdict>> = {
  'primary key': { effect: 'stops', why: 'A second row with the same key stops apply.' },
  unique: { effect: 'stops', why: 'A second row with the same values stops apply.' },
  exclusion: { effect: 'stops', why: 'A row that it excludes stops apply.' },
  check: { effect: 'stops', why: 'A row that does not satisfy it stops apply.' },
  'not null': { effect: 'stops', why: 'The first NULL that is sent stops apply.' },
  'foreign key': {
    effect: 'silent',
    why: 'Apply does not check foreign keys: rows may point to nothing.',
  },
};

/** The same for indexes that no constraint owns. */
export const indexDifferences = (local: Keys, remote: Keys): readonly SchemaDifference[] =>
  paired(local.indexes, remote.indexes, indexText).map(([a, b]) => ({
    part: 'index',
    name: (a ?? b)?.name ?? null,
    local: a === null ? null : indexText(a),
    remote: b === null ? null : indexText(b),
    ...judgeIndex(a, b, local),
  }));

/** As its fingerprint counts it: without how full its pages are. */
const indexText = ({ definition, valid }: IndexDefinition): string =>
  `${withoutFillfactor(definition)}${valid ? '' : ' (not valid)'}`;

const isSameIndex = (a: IndexDefinition, b: IndexDefinition): boolean =>
  withoutFillfactor(a.definition) === withoutFillfactor(b.definition);

const withoutFillfactor = (definition: string): string =>
  definition
    .replace(/, fillfactor='?\d+'?| WITH \(fillfactor='?\d+'?\)/, '')
    .replace(/( WITH \()fillfactor='?\d+'?, /, '$1');

const judgeIndex = (
  a: IndexDefinition | null,
  b: IndexDefinition | null,
  publisher: Keys,
): Verdict => {
  if (a !== null && b !== null && a.name !== b.name) return renamed;
  if (b?.unique && !(a?.unique && isSameIndex(a, b)))
    return isUniqueThere(b.definition, publisher) ? uniqueThere : constraintOnSubscriber.unique;
  return { effect: 'harmless', why: 'It changes how fast queries are, not what is applied.' };
};

type Pair<T> = readonly [local: T | null, remote: T | null];

/** Pairs that are not the same, by name; what is left over is paired where only the name differs. */
const paired = <T extends { readonly name: string }>(
  local: readonly T[],
  remote: readonly T[],
  textOf: (item: T) => string,
): readonly Pair<T>[] => {
  const there = new Map(remote.map((item) => [item.name, item]));
  const here = new Set(local.map(({ name }) => name));
  const extra = remote.filter(({ name }) => !here.has(name));
  const taken = new Set<string>();
  const pairs = local.flatMap((item): readonly Pair<T>[] => {
    const same = there.get(item.name);
    if (same !== undefined) return textOf(same) === textOf(item) ? [] : [[item, same]];
    const twin = extra.find(
      (it) => !taken.has(it.name) && withoutName(it, textOf) === withoutName(item, textOf),
    );
    if (twin === undefined) return [[item, null]];
    taken.add(twin.name);
    return [[item, twin]];
  });
  const left = extra.filter(({ name }) => !taken.has(name));
  return [...pairs, ...left.map((item): Pair<T> => [null, item])];
};

const withoutName = <T extends { readonly name: string }>(
  item: T,
  textOf: (item: T) => string,
): string => nameless(textOf(item));

/** The text of an index holds its name once, after INDEX. */
const nameless = (text: string): string => text.replace(/ INDEX .+? ON /, ' INDEX ON ');

/** Only the name of a constraint or an index differs. */
export const isRename = ({ part, local, remote }: SchemaDifference): boolean =>
  (part === 'constraint' || part === 'index') &&
  local !== null &&
  remote !== null &&
  nameless(local) === nameless(remote);
