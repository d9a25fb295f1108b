// Every exported name of src/ is exported by one file: a reader who searches for it finds one meaning.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Generated files name types as the schema does: these are the shapes in the file, not those of the model. */
const generated = /\.generated\.ts$/;

const exported =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|type|interface|enum) (\w+)/gm;

interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** Names that more than one file exports, with these files. */
const repeatedNames = (sources: readonly SourceText[]): readonly string[] => {
  const places = sources.flatMap(({ file, text }) =>
    [...new Set([...text.matchAll(exported)].map(([, name]) => name ?? ''))].map((name) => ({
      name,
      file,
    })),
  );
  return [...Map.groupBy(places, ({ name }) => name)]
    .filter(([, found]) => found.length > 1)
    .map(([name, found]) => `${name}: ${found.map(({ file }) => file).join(', ')}`);
};

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !generated.test(file))
  .map((file) => ({ file, text: readFileSync(join('src', file), 'utf8') }));

test('every exported name is exported by one file', () => {
  expect(sources.length).toBeGreaterThan(500);
  expect(repeatedNames(sources)).toEqual([]);
});

test('a name that two files export is reported with both', () => {
  const found = repeatedNames([
    { file: 'a.ts', text: 'export const makePlan = 1;\nexport interface Plan {}' },
    { file: 'b.ts', text: 'export async function makePlan() {}\nconst Plan = 2;' },
  ]);
  expect(found).toEqual(['makePlan: a.ts, b.ts']);
});
