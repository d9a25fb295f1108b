// policy.allow_hazards in steep.yaml: what is wrong with an entry that could accept nothing.

import { expect, test } from 'vitest';
import { brief, load, twoNodes, unmark, wordsOf } from './marked-file.ts';

const allowing = (entry: string): string =>
  `${twoNodes}policy:\n  allow_hazards:\n    - ${entry}\n`;

test.each([
  'SLOT_DROP',
  'SLOT_DROP=us/slot.legacy_feed',
  '{ hazard: "RUNS_FOREIGN_CODE=eu/copy.sales:public.orders", until: 2028-02-29 }',
])('%s', (entry) => {
  expect(load(allowing(entry)).diagnostics).toEqual([]);
});

test.each([
  ['⟦SLOT_DRP⟧', 'INVALID_VALUE', 'Did you mean `SLOT_DROP`?'],
  ['⟦SLOT_DRP=us/slot.a⟧', 'INVALID_VALUE', 'is not the code of a hazard'],
  ['⟦FILE_UNREADABLE⟧', 'INVALID_VALUE', 'is not the code of a hazard'],
  ['⟦SLOT_DROP=uss/slot.a⟧', 'UNKNOWN_NODE', 'Did you mean `us`?'],
  ['{ hazard: ⟦SLOT_DRP⟧, until: 2027-01-31 }', 'INVALID_VALUE', 'Did you mean `SLOT_DROP`?'],
  ['{ hazard: SLOT_DROP, until: ⟦2027-13-01⟧ }', 'INVALID_VALUE', 'YYYY-MM-DD'],
])('%s', (marked, code, words) => {
  const { text, place } = unmark(allowing(marked));
  const { diagnostics } = load(text);
  expect(diagnostics.map(brief)).toMatchObject([{ code, ...place }]);
  expect(diagnostics.map(wordsOf).join('\n')).toContain(words);
});
