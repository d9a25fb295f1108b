// What becomes of values in a column of another type is what steep says of the types: every pair of types, each value at the
// edges of the first, as text and in binary. COPY does what apply does with a value: conversions.test.ts replicates some.

import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Effect } from '../../../src/model/schema/schema-difference.ts';
import { isSentAlikeInBinary } from '../../../src/model/schema/type-widening.ts';
import {
  compareDefinitions,
  worstEffect,
} from '../../../src/planner/schema/compare-definitions.ts';
import { definitionsIn } from '../../support/plans/schema-reading.ts';
import { tryConversion, typesWithValues } from '../../support/plans/type-pairs.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, majors, newestMajor } from '../../support/servers/majors.ts';

const tables = typesWithValues.map(
  ({ type, values }, index) => `
    CREATE TABLE t${index} (id int, v ${type}); CREATE TABLE back_t${index} (v ${type});
    INSERT INTO t${index} VALUES ${values.map((value, id) => `(${id}, '${value}')`).join(', ')}`,
);

const numbers = typesWithValues
  .flatMap(({ family }, n) => (family === 'numbers' ? [n] : []))
  .join();

interface Outcome {
  readonly source: number;
  readonly target: number;
  readonly format: 'text' | 'binary';
  readonly outcome: Effect;
}

/** By day each type into a few others. */
const isTried = process.env.STEEP_TEST_NIGHTLY === undefined ? '(s.n + t.n) % 4 = 0' : 'true';

const outcomesIn = (database: TestDatabase): Promise<readonly Outcome[]> =>
  database.query<Outcome & Record<string, unknown>>(`
    SELECT s.n AS source, t.n AS target, f AS format,
           CASE max(CASE o WHEN 'stops' THEN 2 WHEN 'silent' THEN 1 ELSE 0 END) WHEN 2 THEN 'stops' WHEN 1 THEN 'silent' ELSE 'harmless' END AS outcome
      FROM (VALUES ${typesWithValues.map(({ values }, n) => `(${n}, ${values.length})`).join(', ')}) AS s (n, count)
     CROSS JOIN generate_series(0, ${typesWithValues.length - 1}) AS t (n)
     CROSS JOIN unnest(ARRAY['text', 'binary']) AS f
     CROSS JOIN LATERAL generate_series(0, s.count - 1) AS v
     CROSS JOIN LATERAL try_value('t' || s.n, v, 't' || t.n, f, '${join(tmpdir(), database.name)}.copy',
             s.n = ANY ('{${numbers}}') AND t.n = ANY ('{${numbers}}')) AS o
     WHERE s.n <> t.n AND (${isTried})
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`);

const nameOf = (index: number): string => typesWithValues[index]?.type ?? '';

type WordOf = (source: number, target: number) => Effect;

const wordsOf = async (database: TestDatabase): Promise<WordOf> => {
  const definitions = new Map(
    (await definitionsIn(database)).map((definition) => [definition.name.name, definition]),
  );
  const of = (n: number) => definitions.get(`t${n}`) ?? null;
  return (source, target) => worstEffect(compareDefinitions(of(source), of(target))) ?? 'harmless';
};

/** Of types that are near each other the word is exact; of others none says less than what happens. */
const isRight = ({ source, target, format, outcome }: Outcome, wordOf: WordOf): boolean => {
  const inBinary = format === 'binary' && !isSentAlikeInBinary(nameOf(source), nameOf(target));
  const word = inBinary ? 'stops' : wordOf(source, target);
  const family = typesWithValues[source]?.family ?? null;
  const isNear = family !== null && family === typesWithValues[target]?.family;
  return word === outcome || (word === 'stops' && (inBinary || !isNear));
};

test.each(endsByDay(majors))('PostgreSQL %i', { timeout: 600_000 }, async (major) => {
  const database = await cluster.database(major);
  await database.query(`${tables.join(';')}; ${tryConversion}`);
  const wordOf = await wordsOf(database);
  const outcomes = await outcomesIn(database);
  const wrong = outcomes
    .filter((it) => !isRight(it, wordOf))
    .map(
      ({ source, target, format, outcome }) =>
        `${format}: ${nameOf(source)} → ${nameOf(target)} is ${outcome}, said: ${wordOf(source, target)}`,
    );
  expect(wrong).toEqual([]);
});

const tableOf = (wordOf: WordOf): string => {
  const into = (source: number, effect: Effect): string =>
    typesWithValues
      .flatMap(({ type, family }, target) => {
        const isNear = family !== null && family === typesWithValues[source]?.family;
        return isNear && target !== source && wordOf(source, target) === effect
          ? [`\`${type}\``]
          : [];
      })
      .join(', ');
  const rows = typesWithValues.flatMap(({ type, family }, n) =>
    family === null
      ? []
      : [`| \`${type}\` | ${into(n, 'harmless')} | ${into(n, 'silent')} | ${into(n, 'stops')} |`],
  );
  return [
    '| published as | harmless | `SILENT` | `STOPS APPLY` |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
};

const page = new URL('../../../docs/schema.md', import.meta.url);
const place =
  /(?<=<!-- types: written by UPDATE_TYPES=1 and this test: type-pairs -->\n\n)[\s\S]*?(?=\n\n<!-- types: end -->)/;

test('docs/schema.md has the words for all pairs of types that are near each other', async () => {
  const database = await cluster.database(newestMajor);
  await database.query(tables.join(';'));
  const text = await readFile(page, 'utf8');
  const written = tableOf(await wordsOf(database));
  if (process.env.UPDATE_TYPES !== undefined) {
    await writeFile(
      page,
      text.replace(place, () => written),
    );
    return;
  }
  expect(place.exec(text)?.[0]).toBe(written);
});
