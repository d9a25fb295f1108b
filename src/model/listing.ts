// Counts and names as parts of a sentence.

import { printable } from './printable.ts';

/** `1 table`, `2 tables`, `0 tables`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `a, b, c and 12 more`: a list that stays one sentence. */
export const listNames = (names: readonly string[], most = 5): string => {
  const shown = names.slice(0, most).map(printable).join(', ');
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
};
