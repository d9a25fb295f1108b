// The files that start first, or run at night alone: each is there. The first come before all others where no run is on record.

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TestSpecification, Vitest } from 'vitest/node';
import { LongestFirst, longest } from '../support/longest-first.ts';
import { onlyAtNight } from '../support/only-at-night.ts';

const specification = (name: string): TestSpecification =>
  ({
    moduleId: `/steep/test/${name}.test.ts`,
    project: { name: 'servers', config: { isolate: true, sequence: { groupOrder: 0 } } },
  }) as unknown as TestSpecification;

test.each([
  ['that starts first', longest],
  ['that runs at night alone', Object.keys(onlyAtNight)],
])('each file %s is there', (_which, names) => {
  expect(names.filter((name) => !existsSync(`test/${name}.test.ts`))).toEqual([]);
});

test('the longest start first, in their order', async () => {
  const nothingOnRecord = { cache: { getTestSpecificationResult: () => undefined } };
  const sequencer = new LongestFirst(nothingOnRecord as unknown as Vitest);
  const [first = '', second = ''] = longest;
  const sorted = await sequencer.sort(['a', second, 'b', first].map(specification));
  expect(sorted.map(({ moduleId }) => moduleId)).toEqual(
    [first, second, 'a', 'b'].map((name) => `/steep/test/${name}.test.ts`),
  );
});
