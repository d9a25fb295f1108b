// What steep_repl must be made of: the facts of each version, and how a schema that was read differs from them.

import { metadataVersion } from '../../model/state/metadata-version.ts';
import { expectedFacts } from './expected-facts.generated.ts';
import type { MetadataFact } from './read-metadata-facts.ts';

/** Of every table and function that a migration makes. */
export const knownNames: readonly string[] = [...new Set(expectedFacts.map(([object]) => object))];

const versions = Array.from({ length: metadataVersion }, (_, index) => index + 1);

const textOf = ({ object, fact }: MetadataFact): string => `${object}: ${fact}`;

const factsOf = (version: number): readonly MetadataFact[] =>
  expectedFacts
    .filter(([, , since, until]) => since <= version && version <= until)
    .map(([object, fact]) => ({ object, fact }));

const differences = (there: ReadonlySet<string>, version: number): readonly string[] => {
  const expected = new Set(factsOf(version).map(textOf));
  return [
    ...[...there].filter((text) => !expected.has(text)),
    ...[...expected].filter((text) => !there.has(text)).map((text) => `missing: ${text}`),
  ];
};

/** None: the schema is what the migrations make of it, up to some version. Else what differs from the nearest one. */
export const contentDifferences = (found: readonly MetadataFact[]): readonly string[] => {
  const there = new Set(found.map(textOf));
  let nearest: readonly string[] | null = null;
  // The newest first: nearly every schema is of that version, and no other need be looked at then.
  for (const version of versions.toReversed()) {
    const other = differences(there, version);
    if (nearest === null || other.length < nearest.length) nearest = other;
    if (nearest.length === 0) break;
  }
  return nearest ?? [];
};

/** Whether schema_version can be read: it is what every version has. */
export const hasKnownHistory = (found: readonly MetadataFact[]): boolean => {
  const isHistory = ({ object }: MetadataFact): boolean => object === 'schema_version';
  const expected = new Set(factsOf(1).filter(isHistory).map(textOf));
  const there = found.filter(isHistory).map(textOf);
  return there.length === expected.size && there.every((text) => expected.has(text));
};
