// What a file of the right shape can still get wrong: each fault with its place and its words.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import { expect, test } from 'vitest';
import { brief, load, subscriptions, toEu, twoNodes, unmark, wordsOf } from './marked-file.ts';

type Row = readonly [name: string, marked: string, code: string, words: string];

const publication = (rest: string): string =>
  `${twoNodes}publications:\n  p: { node: us, ${rest} }\n`;
const umlauts = 'ü'.repeat(32);

const errors: readonly Row[] = [
  [
    'node of a publication',
    `${twoNodes}publications:\n  p: { node: ⟦zz⟧, tables: [a] }\n`,
    'UNKNOWN_NODE',
    'Known here: `eu`, `us`',
  ],
  [
    'node of a subscription',
    subscriptions(`s: { node: ⟦euu⟧, source: us, publications: [from_us] }`),
    'UNKNOWN_NODE',
    'Did you mean `eu`?',
  ],
  [
    'source',
    subscriptions(`s: { node: eu, source: ⟦uss⟧, publications: [from_us] }`),
    'UNKNOWN_NODE',
    'Did you mean `us`?',
  ],
  [
    'a name that every object has',
    subscriptions(`s: { node: eu, source: ⟦constructor⟧, publications: [from_us] }`),
    'UNKNOWN_NODE',
    'no node `constructor`',
  ],
  [
    'publication',
    subscriptions(`s: { node: eu, source: us, publications: [⟦form_us⟧] }`),
    'UNKNOWN_PUBLICATION',
    'Did you mean `from_us`?',
  ],
  [
    'publication of another node',
    subscriptions(`s: { node: eu, source: us, publications: [from_us, ⟦from_eu⟧] }`),
    'PUBLICATION_NOT_ON_SOURCE',
    'publication from_eu is on node eu',
  ],
  [
    'publication twice',
    subscriptions(`s: { node: eu, source: us, publications: [from_us, ⟦from_us⟧] }`),
    'DUPLICATE_ENTRY',
    'names from_us twice',
  ],
  [
    'no tables, no schemas',
    `${twoNodes}publications:\n  ⟦p⟧: { node: us, tables: [] }\n`,
    'EMPTY_PUBLICATION',
    'neither tables nor schemas',
  ],
  [
    'table twice',
    publication('tables: [orders, { name: ⟦public.Orders⟧ }]'),
    'DUPLICATE_ENTRY',
    'names public.orders twice: here and on line 6',
  ],
  ['wildcard twice', publication('tables: ["*", ⟦"*"⟧]'), 'DUPLICATE_ENTRY', 'twice'],
  ['schema twice', publication('schemas: [billing, ⟦Billing⟧]'), 'DUPLICATE_ENTRY', 'billing'],
  [
    'operation twice',
    publication('tables: [a], publish: [insert, ⟦insert⟧]'),
    'DUPLICATE_ENTRY',
    'insert',
  ],
  [
    'column twice',
    publication('tables: [{ name: a, columns: [id, x, ⟦ID⟧] }]'),
    'DUPLICATE_ENTRY',
    '`columns` of a names id twice',
  ],
  [
    'columns beside schemas',
    publication('schemas: [s], tables: [{ name: a, ⟦columns⟧: [id] }]'),
    'COLUMNS_WITH_SCHEMAS',
    'a publication of its own',
  ],
  [
    'empty filter',
    publication('tables: [{ name: a, where: ⟦"  "⟧ }]'),
    'EMPTY_FILTER',
    'holds no condition',
  ],
  ['one table as a text', publication('tables: ⟦orders⟧'), 'INVALID_VALUE', 'tables: [orders]'],
  [
    'a bad name',
    publication('tables: [public.my⟦-⟧table]'),
    'INVALID_NAME',
    '`-` is not allowed in a name',
  ],
  [
    'a bad name in quotes',
    publication(`tables: ['public.my⟦ ⟧table']`),
    'INVALID_NAME',
    'double quotes',
  ],
  [
    'a wildcard with settings',
    publication(`tables: [{ name: ⟦public.*⟧, where: x > 0 }]`),
    'INVALID_NAME',
    'One table is expected',
  ],
  [
    'a bad column',
    publication('tables: [{ name: a, columns: [b⟦.⟧c] }]'.replace('⟦.⟧c', '.⟦c⟧')),
    'INVALID_NAME',
    'single name',
  ],
  [
    'long publication',
    `${twoNodes}publications:\n  ⟦${'p'.repeat(64)}⟧: { node: us, tables: [a] }\n`,
    'NAME_TOO_LONG',
    '64 bytes; PostgreSQL keeps 63',
  ],
  ['long table', publication(`tables: [⟦public.${'t'.repeat(70)}⟧]`), 'NAME_TOO_LONG', '70 bytes'],
  [
    'long table in two-byte letters',
    publication(`tables: [⟦${umlauts}⟧]`),
    'NAME_TOO_LONG',
    '64 bytes',
  ],
  ['long schema', publication(`tables: [⟦${'s'.repeat(64)}.t⟧]`), 'NAME_TOO_LONG', 'Schema'],
  [
    'long schema of all tables',
    publication(`tables: [⟦${'s'.repeat(64)}.*⟧]`),
    'NAME_TOO_LONG',
    'Schema',
  ],
  [
    'long schema in schemas',
    publication(`schemas: [⟦${'s'.repeat(64)}⟧]`),
    'NAME_TOO_LONG',
    'Schema',
  ],
  [
    'long column',
    publication(`tables: [{ name: a, columns: [⟦${'c'.repeat(64)}⟧] }]`),
    'NAME_TOO_LONG',
    'Column',
  ],
  [
    'long index',
    publication(`tables: [{ name: a, replica_identity: { index: ⟦${'i'.repeat(64)}⟧ } }]`),
    'NAME_TOO_LONG',
    'Index',
  ],
  [
    'long subscription',
    subscriptions(`⟦${'s'.repeat(64)}⟧: { ${toEu} }`),
    'NAME_TOO_LONG',
    'Subscription',
  ],
  [
    'long slot',
    subscriptions(`s: { ${toEu}, slot: ⟦${'s'.repeat(64)}⟧ }`),
    'NAME_TOO_LONG',
    'Slot',
  ],
  [
    'long database',
    twoNodes.replace('/app }', `/app, metadata_database: ⟦${'d'.repeat(64)}⟧ }`),
    'NAME_TOO_LONG',
    'Database',
  ],
  [
    'slot',
    subscriptions(`s: { ${toEu}, slot: ⟦Sales-EU⟧ }`),
    'SLOT_NAME_INVALID',
    'slot: sales_eu',
  ],
  [
    'slot of the name',
    subscriptions(`⟦Sales-EU⟧: { ${toEu} }`),
    'SLOT_NAME_INVALID',
    'slot: sales_eu',
  ],
  [
    'slot none',
    subscriptions(`s: { ${toEu}, slot: ⟦none⟧ }`),
    'SLOT_NAME_INVALID',
    'not the word none',
  ],
  [
    'reads from itself',
    subscriptions(`s: { node: us, source: ⟦us⟧, publications: [from_us] }`),
    'SAME_NODE',
    'would read from itself',
  ],
  [
    'a size',
    `${twoNodes}policy: { copy_confirm_above: ⟦10 gigs⟧ }\n`,
    'INVALID_SIZE',
    '512MB, 10GB',
  ],
  [
    'a negative size',
    `${twoNodes}policy: { max_lag: ⟦-1⟧ }\n`,
    'INVALID_SIZE',
    '`policy.max_lag` is `-1`',
  ],
];

test.each(errors)('%s', (_, marked, code, words) => {
  const { text, place } = unmark(marked);
  const { topology, diagnostics } = load(text);
  expect(diagnostics.map(brief)).toEqual([{ severity: 'error', code, ...place }]);
  expect(diagnostics.map(wordsOf).join('\n')).toContain(words);
  expect(topology).toBeNull();
});

test('one replica identity a table, over all publications of its node', () => {
  const { text, place } = unmark(`${twoNodes}publications:
  a: { node: us, tables: [{ name: t, replica_identity: full }, { name: u, replica_identity: { index: u_key } }] }
  b: { node: us, tables: [{ name: public.t, replica_identity: ⟦default⟧ }, { name: u, replica_identity: { index: U_KEY } }] }
  c: { node: eu, tables: [{ name: t, replica_identity: default }] }
  d: { node: us, tables: [t] }
`);
  const { diagnostics } = load(text);
  expect(diagnostics.map(brief)).toEqual([
    { severity: 'error', code: 'IDENTITY_CONFLICT', ...place },
  ]);
  expect(diagnostics[0]?.detail).toContain('identity full in publication a');
});

test('what is fine gives no finding', () => {
  const { diagnostics } = load(
    publication(
      'tables: [{ name: a, where: "note = \'${NOT_A_VARIABLE}\'" }, "sales.*"], publish: [update, delete]',
    ),
  );
  expect(diagnostics).toEqual([]);
});
