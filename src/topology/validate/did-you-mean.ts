// Finds the name that was probably meant: for unknown keys, nodes and publications.

import { distance } from 'fastest-levenshtein';
import { compareText } from '../../model/identifier.ts';

/** The candidate nearest to a word, or null where none is near enough to be a slip of the hand. */
export const nearest = (word: string, candidates: readonly string[]): string | null => {
  const lower = word.toLowerCase();
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: distance(lower, candidate.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits || compareText(a.candidate, b.candidate));
  if (best === undefined) return null;
  const allowed = Math.max(1, Math.floor(Math.max(word.length, best.candidate.length) / 3));
  return best.edits <= allowed ? best.candidate : null;
};

/** The cure for an unknown name: the nearest one, else all there are, if they are few. */
export const didYouMean = (word: string, candidates: readonly string[]): readonly string[] => {
  const near = nearest(word, candidates);
  if (near !== null) return [`Did you mean \`${near}\`?`];
  if (candidates.length === 0 || candidates.length > 12) return [];
  const names = candidates.toSorted(compareText).map((name) => `\`${name}\``);
  return [`Known here: ${names.join(', ')}.`];
};
