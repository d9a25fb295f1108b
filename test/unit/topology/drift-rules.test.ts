// drift.ignore in steep.yaml: what it becomes, and what is wrong with a rule that could silence nothing.

import { expect, test } from 'vitest';
import { brief, load, twoNodes, unmark, wordsOf } from './marked-file.ts';

const rules = (...lines: readonly string[]): string =>
  `${twoNodes}drift:\n  ignore:\n${lines.map((line) => `    - ${line}\n`).join('')}`;

test('rules, in the order of the file', () => {
  const { topology, diagnostics } = load(
    rules(
      '{ address: us/publication.cdc_*, reason: Debezium, until: 2027-01-31 }',
      '{ address: eu/slot.a.b, reason: known }',
      '{ address: eu/table.public.*, reason: tables }',
    ),
  );
  expect(diagnostics).toEqual([]);
  expect(topology?.ignoreRules).toEqual([
    {
      address: 'us/publication.cdc_*',
      reason: 'Debezium',
      until: '2027-01-31',
      source: 'steep.yaml:7',
    },
    { address: 'eu/slot.a.b', reason: 'known', until: null, source: 'steep.yaml:8' },
    { address: 'eu/table.public.*', reason: 'tables', until: null, source: 'steep.yaml:9' },
  ]);
});

test.each([
  ['{ address: ⟦sales⟧, reason: r }', 'INVALID_VALUE', 'node/kind.name'],
  ['{ address: ⟦uss/slot.a⟧, reason: r }', 'UNKNOWN_NODE', 'Did you mean `us`?'],
  ['{ address: ⟦us/subscripton.a⟧, reason: r }', 'INVALID_VALUE', 'Did you mean `subscription`?'],
  ['{ address: "⟦us/*.a⟧", reason: r }', 'INVALID_VALUE', 'for the name only'],
  ['{ address: us/slot.a, reason: r, until: ⟦2027-02-30⟧ }', 'INVALID_VALUE', 'YYYY-MM-DD'],
  ['{ address: us/slot.a, reason: r, until: ⟦tomorrow⟧ }', 'INVALID_VALUE', 'is not a date'],
  ['{ address: us/slot.a, reason: r, until: ⟦2027⟧ }', 'WRONG_TYPE', 'must be a text'],
  ['{ address: us/slot.a, reason: ⟦""⟧ }', 'EMPTY_LIST', 'must not be empty'],
  ['⟦{ address: us/slot.a }⟧', 'MISSING_KEY', '`reason`'],
])('%s', (line, code, words) => {
  const { text, place } = unmark(rules(line));
  const { diagnostics } = load(text);
  expect(diagnostics.map(({ code: found, source }) => [found, source?.line])).toEqual([
    [code, place.line],
  ]);
  expect(diagnostics.map(wordsOf).join('\n')).toContain(words);
  if (!line.startsWith('⟦') && !line.includes('"')) {
    expect(diagnostics.map(brief)).toMatchObject([{ column: place.column, length: place.length }]);
  }
});
