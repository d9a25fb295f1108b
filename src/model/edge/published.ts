// What is published against what is subscribed, by name.

/** What a list of publications sends now. */
export interface Published {
  /** Names of publications that are not there. */
  readonly missing: readonly string[];
  /** Tables, by formatName. */
  readonly tables: ReadonlySet<string>;
  /** Of those, the ones that are no partition of another: whether that one is sent too depends on the major. */
  readonly certain: readonly string[];
}

export interface PublishedFacts {
  /** What it reads and the publisher does not have; null: the publisher could not be read. */
  readonly missingPublications: readonly string[] | null;
  /** Tables that it knows and that are not published; null: one of the ends could not be read. */
  readonly unpublishedTables: readonly string[] | null;
  /** Tables that are published and that it does not know; null: one of the ends could not be read. */
  readonly unknownTables: readonly string[] | null;
}

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
