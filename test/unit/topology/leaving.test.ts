// `removed` and `renamed` in steep.yaml: what they become, and what is wrong with an entry that could not
// do what it says.

import { expect, test } from 'vitest';
import { load, twoNodes, unmark, wordsOf } from './marked-file.ts';

const blocks = `publications:
  sales: { node: us, tables: [orders] }
subscriptions:
  feed: { node: eu, source: us, publications: [sales] }
  news: { node: eu, source: us, publications: [sales], slot: other }
`;

const entries = (section: 'removed' | 'renamed', ...lines: readonly string[]): string =>
  `${twoNodes}${blocks}${section}:\n${lines.map((line) => `  - ${line}\n`).join('')}`;

const withoutTwice = ({ code }: { readonly code: string }): boolean => code !== 'SUBSCRIBED_TWICE';

test('entries, in the order of the file, with their places', () => {
  const { topology, diagnostics } = load(
    `${entries('removed', '{ address: eu/subscription.old.feed, action: detach }', '{ address: us/slot.gone, action: drop }')}renamed:
  - { from: us/publication.sale, to: us/publication.shop }
  - { from: us/publication.shop, to: us/publication.sales }
`,
  );
  expect(diagnostics.filter(withoutTwice)).toEqual([]);
  expect(topology?.desired.removed).toEqual([
    { address: 'eu/subscription.old.feed', action: 'detach', source: 'steep.yaml:11' },
    { address: 'us/slot.gone', action: 'drop', source: 'steep.yaml:12' },
  ]);
  expect(topology?.desired.renamed).toMatchObject([
    { kind: 'publication', from: 'sale', to: 'sales', source: 'steep.yaml:14' },
    { kind: 'publication', from: 'shop', to: 'sales', source: 'steep.yaml:15' },
  ]);
});

test.each([
  ['removed', '{ address: ⟦sale⟧, action: drop }', 'INVALID_VALUE', 'node/kind.name'],
  ['removed', '{ address: ⟦uss/slot.a⟧, action: drop }', 'UNKNOWN_NODE', 'Did you mean `us`?'],
  ['removed', '{ address: ⟦us/node.us⟧, action: drop }', 'INVALID_VALUE', 'steep drops'],
  ['removed', '{ address: us/slot.a, action: ⟦detach⟧ }', 'INVALID_VALUE', 'Use `drop`'],
  ['removed', '{ address: us/publication.a, action: ⟦detach⟧ }', 'INVALID_VALUE', '`keep`'],
  ['removed', '{ address: us/slot.a, action: ⟦forget⟧ }', 'INVALID_VALUE', 'drop'],
  ['removed', '{ address: ⟦us/publication.sales⟧, action: drop }', 'STILL_DECLARED', ':6'],
  ['removed', '{ address: ⟦eu/subscription.feed⟧, action: keep }', 'STILL_DECLARED', ':8'],
  ['removed', '{ address: ⟦us/slot.feed⟧, action: drop }', 'STILL_DECLARED', 'feed in'],
  ['removed', '{ address: ⟦us/slot.other⟧, action: drop }', 'STILL_DECLARED', 'news in'],
  ['renamed', '{ from: ⟦us/slot.a⟧, to: us/slot.b }', 'RENAME_INVALID', '`slot: b`'],
  ['renamed', '{ from: eu/publication.a, to: ⟦us/publication.sales⟧ }', 'RENAME_INVALID', 'not us'],
  ['renamed', '{ from: us/publication.a, to: ⟦us/subscription.feed⟧ }', 'RENAME_INVALID', 'become'],
  ['renamed', '{ from: us/publication.a, to: ⟦us/publication.a⟧ }', 'RENAME_INVALID', 'same'],
  [
    'renamed',
    '{ from: us/publication.a, to: ⟦us/publication.sale⟧ }',
    'RENAME_INVALID',
    '`us/publication.sales`?',
  ],
  [
    'renamed',
    '{ from: ⟦us/publication.sales⟧, to: us/publication.sales2 }',
    'RENAME_INVALID',
    'still declares',
  ],
  ['renamed', '{ from: us/publication.a, to: ⟦sales⟧ }', 'INVALID_VALUE', 'node/kind.name'],
] as const)('%s: %s', (section, line, code, words) => {
  const { text, place } = unmark(entries(section, line));
  const found = load(text).diagnostics.filter(withoutTwice);
  expect(found.map((it) => it.code)).toContain(code);
  expect(found.find((it) => it.code === code)?.source).toMatchObject({
    line: place.line,
    column: place.column,
    length: place.length,
  });
  expect(found.map(wordsOf).join('\n')).toContain(words);
});

test.each([
  ['removed', ['{ address: us/slot.a, action: drop }', '{ address: us/slot.a, action: keep }']],
  [
    'renamed',
    [
      '{ from: us/publication.a, to: us/publication.sales }',
      '{ from: us/publication.b, to: us/publication.sales }',
    ],
  ],
  [
    'renamed',
    [
      '{ from: us/publication.a, to: us/publication.sales }',
      '{ from: us/publication.a, to: us/publication.sales }',
    ],
  ],
] as const)('%s: an address is there twice', (section, lines) => {
  const found = load(entries(section, ...lines)).diagnostics.map(({ code }) => code);
  expect(found).toContain('DUPLICATE_ENTRY');
});

test('names that form a cycle', () => {
  const circle = entries(
    'renamed',
    '{ from: us/publication.a, to: us/publication.b }',
    '{ from: us/publication.b, to: us/publication.a }',
  );
  expect(load(circle).diagnostics.map(wordsOf).join('\n')).toContain('cycle');
});

test('what gets a new name is not removed too', () => {
  const both = `${entries('renamed', '{ from: us/publication.a, to: us/publication.sales }')}removed:
  - { address: us/publication.a, action: drop }
`;
  expect(load(both).diagnostics.map(wordsOf).join('\n')).toContain('removes it');
});
