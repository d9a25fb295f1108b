// What is published against what is subscribed, by name.

import type { EdgeFacts } from '../report/status.ts';

/** What a list of publications sends now. */
export interface Published {
  /** Names of publications that are not there. */
  readonly missing: readonly string[];
  /** Tables, by formatName. */
  readonly tables: ReadonlySet<string>;
  /** Of those, the ones that are no partition of another: whether that one is sent too depends on the major. */
  readonly certain: readonly string[];
}

export type PublishedFacts = Pick<
  EdgeFacts,
  'missingPublications' | 'unpublishedTables' | 'unknownTables'
>;

/** Compares with the tables that a subscription has, by formatName; null: the publisher could not be read. */
export const comparePublished = (
  published: Published | null,
  subscribed: readonly string[],
): PublishedFacts => {
  if (published === null) {
    return { missingPublications: null, unpublishedTables: null, unknownTables: null };
  }
  const known = new Set(subscribed);
  return {
    missingPublications: published.missing,
    unpublishedTables: subscribed.filter((name) => !published.tables.has(name)),
    unknownTables: published.certain.filter((name) => !known.has(name)),
  };
};
