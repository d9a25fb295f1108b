// What of a definition older servers do not take, by the texts alone. Pure.

import { formatName } from '../../model/identifier.ts';
import { definitionText } from '../../model/schema/definition-text.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';

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
  { since: 18, what: 'a virtual generated column', pattern: /\) VIRTUAL$/ },
  { since: 18, what: 'NOT ENFORCED', pattern: / NOT ENFORCED/ },
  { since: 18, what: 'WITHOUT OVERLAPS', pattern: / WITHOUT OVERLAPS\)/ },
  { since: 18, what: 'PERIOD', pattern: /\bPERIOD [^)]+\) REFERENCES / },
  { since: 18, what: 'NOT NULL as a constraint', pattern: /^ {2}CONSTRAINT .* NOT NULL / },
];

/** Each feature once a table, in order of table. */
export const neededFeatures = (tables: readonly TableDefinition[]): readonly NeededFeature[] =>
  tables.flatMap((table) => {
    const lines = definitionText(table).split('\n').map(withoutStrings);
    return features
      .filter(({ pattern }) => lines.some((line) => pattern.test(line)))
      .map(({ since, what }) => ({ since, what, table: formatName(table.name) }));
  });

/** A constant may hold any words. */
const withoutStrings = (line: string): string => line.replaceAll(/'(?:[^']|'')*'/g, "''");
