// Whether a subscriber demands of rows no more than the publisher does, though the texts of the two differ.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';

const casts = /::(?:[a-z_][\w.]*|"[^"]*")(?: varying| precision)?(?:\([\d,]+\))?(?:\[\])?/g;

/** Parentheses around a name, a literal or an array; not those of a call, nor those that group operators. */
const needless = /(?<!\w)\(([\w."]+|'(?:[^']|'')*'|ARRAY\[[^()[\]]*\])\)/g;

const unwrapped = (text: string): string => {
  const next = text.replaceAll(needless, '$1');
  return next === text ? text : unwrapped(next);
};

/**
 * PostgreSQL prints `status IN ('a', 'b')` over varchar with its casts at another place after a dump and a restore. And a
 * constraint of the subscriber that is NOT VALID looks at new rows as any other does.
 */
const essence = (definition: string): string =>
  unwrapped(definition.replace(/ NOT VALID$/, '').replaceAll(casts, '')).replaceAll(/\s/g, '');

/** Of two CHECKs; a text that holds what looks like a cast or a parenthesis is compared as it is. */
export const demandsTheSame = (a: string, b: string): boolean =>
  a === b || (!hidesSigns(a) && !hidesSigns(b) && essence(a) === essence(b));

/** A literal with parentheses, blanks or colons in it. */
const hidesSigns = (definition: string): boolean =>
  [...definition.matchAll(/'(?:[^']|'')*'/g)].some(([literal]) => /[()\s:]/.test(literal));

const constrained = /^(?:PRIMARY KEY|UNIQUE) \(([^()]*)\)(?: INCLUDE \([^()]*\))?$/;
const indexed = /^CREATE UNIQUE INDEX .* USING \w+ \(([^()]*)\)(?: INCLUDE \([^()]*\))?$/;

/** The columns of a plain key; null: it is partial, deferrable, over expressions, or no key. */
const keyColumns = (definition: string): readonly string[] | null => {
  const [, columns] = constrained.exec(definition) ?? indexed.exec(definition) ?? [];
  return columns?.split(', ') ?? null;
};

/** Whether rows of the publisher are unique by what this key of the subscriber demands. */
export const isUniqueThere = (
  definition: string,
  { constraints, indexes }: Pick<TableDefinition, 'constraints' | 'indexes'>,
): boolean => {
  const demanded = keyColumns(definition);
  if (demanded === null) return false;
  return [...constraints, ...indexes.filter(({ valid }) => valid)].some((key) =>
    keyColumns(key.definition)?.every((column) => demanded.includes(column)),
  );
};

/** Whether rows of this table may have to differ in a column: a key or an exclusion names it. */
export const mayBeUniqueBy = (
  column: string,
  { constraints, indexes }: Pick<TableDefinition, 'constraints' | 'indexes'>,
): boolean => {
  const demands = [
    ...constraints.filter(({ kind }) => ['primary key', 'unique', 'exclusion'].includes(kind)),
    ...indexes.filter(({ unique }) => unique),
  ];
  return demands.some(({ definition }) => definition.includes(quoteIdentifier(column)));
};
