// What of a definition or of a statement older servers do not take, by the texts alone. Pure.

import { formatName } from '../../model/identifier.ts';
import { definitionText } from '../../model/schema/definition-text.ts';
import type { RefusedStatement, SchemaStatement } from '../../model/schema/schema-change.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';
import { formatVersion, isOlderThan } from '../../postgres/versions.ts';

export interface NeededFeature {
  /** The major that brought it. */
  readonly since: number;
  readonly what: string;
  /** `public.orders`. */
  readonly table: string;
}

const features: readonly {
  readonly since: number;
  readonly what: string;
  readonly pattern: RegExp;
}[] = [
  { since: 15, what: 'NULLS NOT DISTINCT', pattern: / NULLS NOT DISTINCT/ },
  {
    since: 15,
    what: 'ON DELETE SET for some columns',
    pattern: / ON DELETE SET (NULL|DEFAULT) \(/,
  },
  { since: 15, what: 'a negative scale', pattern: /\bnumeric\(\d+,-\d+\)/ },
  {
    since: 16,
    what: 'a constructor of JSON',
    pattern: /\bJSON_(OBJECT|ARRAY|OBJECTAGG|ARRAYAGG)\(/,
  },
  {
    since: 17,
    what: 'a query function of JSON',
    pattern: /\bJSON_(VALUE|QUERY|EXISTS|SCALAR|SERIALIZE)\(/,
  },
  { since: 16, what: 'rules of a collation', pattern: /^CREATE COLLATION .*\brules *=/i },
  {
    since: 17,
    what: 'a collation of the builtin provider',
    pattern: /^CREATE COLLATION .*\bprovider *= *builtin\b/i,
  },
  { since: 18, what: 'a virtual generated column', pattern: /\) VIRTUAL$/ },
  { since: 18, what: 'NOT ENFORCED', pattern: / NOT ENFORCED/ },
  { since: 18, what: 'WITHOUT OVERLAPS', pattern: / WITHOUT OVERLAPS\)/ },
  { since: 18, what: 'PERIOD', pattern: /\bPERIOD [^)]+\) REFERENCES / },
  { since: 18, what: 'NOT NULL as a constraint', pattern: /^ {2}CONSTRAINT .* NOT NULL / },
];

/** Each feature once a table, in order of table. */
export const neededFeatures = (tables: readonly TableDefinition[]): readonly NeededFeature[] =>
  tables.flatMap((table) =>
    featuresIn(definitionText(table)).map(({ since, what }) => ({
      since,
      what,
      table: formatName(table.name),
    })),
  );

/**
 * One for each feature of a statement that a server does not have.
 * @param serverVersion as the server gives it, 140023
 */
export const refuseNewer = (
  statements: readonly SchemaStatement[],
  serverVersion: number,
): readonly RefusedStatement[] =>
  statements.flatMap(({ sql, object }) =>
    featuresIn(sql)
      .filter(({ since }) => isOlderThan(serverVersion, since))
      .map(({ since, what }) => ({
        sql,
        object,
        why: `It has ${what}, which came with PostgreSQL ${since}; the server has ${formatVersion(serverVersion)}.`,
        cure: `Create ${object.kind} ${object.name} on the subscriber without it, or take it out of the definition on the publisher; then plan again.`,
      })),
  );

const featuresIn = (text: string) => {
  const lines = text.split('\n').map(withoutStrings);
  return features.filter(({ pattern }) => lines.some((line) => pattern.test(line)));
};

/** A constant may hold any words. */
const withoutStrings = (line: string): string => line.replaceAll(/'(?:[^']|'')*'/g, "''");
