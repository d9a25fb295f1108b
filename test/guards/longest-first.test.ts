// The files that start first: each is there, and comes before all others where no run is on record.

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TestSpecification, Vitest } from 'vitest/node';
import { LongestFirst, longest } from '../support/longest-first.ts';

const specification = (name: string): TestSpecification =>
  ({
    moduleId: `/steep/test/${name}.test.ts`,
    project: { name: 'servers', config: { isolate: true, sequence: { groupOrder: 0 } } },
  }) as unknown as TestSpecification;

test('each file that starts first is there', () => {
  expect(longest.filter((name) => !existsSync(`test/${name}.test.ts`))).toEqual([]);
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
