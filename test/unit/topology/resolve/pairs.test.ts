// Pairs: what a block means, and what it may not say.

import { describe, expect, test } from 'vitest';
import { brief, load, toEu, twoNodes, twoPublications, unmark, wordsOf } from '../marked-file.ts';

const pair = (settings: string): string =>
  `${twoNodes}pairs:\n  us_eu: { nodes: [us, eu], ${settings} }\n`;

const desiredOf = (text: string) => {
  const { topology, diagnostics } = load(text);
  expect(diagnostics).toEqual([]);
  return topology?.desired;
};

describe('a pair is two publications and two subscriptions', () => {
  const desired = desiredOf(
    `${pair('tables: [orders, { name: events, replica_identity: full }], publish: [insert, update], options: { streaming: parallel }, protect: true')}defaults: { options: { disable_on_error: true, origin: any } }\n`,
  );

  test('publications, named for the node whose changes they carry', () => {
    expect(desired?.publications).toMatchObject([
      { node: 'eu', name: 'us_eu_from_eu', publish: ['insert', 'update'], protect: true },
      { node: 'us', name: 'us_eu_from_us', publish: ['insert', 'update'], protect: true },
    ]);
    expect(desired?.publications[0]?.tables).toEqual(desired?.publications[1]?.tables);
  });

  test('subscriptions: the initial copy goes one way, and nothing is passed on', () => {
    const options = { disable_on_error: 'true', origin: 'none', streaming: 'parallel' };
    expect(desired?.subscriptions).toMatchObject([
      {
        node: 'us',
        source: 'eu',
        name: 'us_eu_from_eu',
        slot: 'us_eu_from_eu',
        init: 'none',
        options,
        pair: { name: 'us_eu', way: 'back', partner: 'us_eu_from_us' },
      },
      {
        node: 'eu',
        source: 'us',
        name: 'us_eu_from_us',
        slot: 'us_eu_from_us',
        init: 'native',
        options,
        pair: { name: 'us_eu', way: 'forth', partner: 'us_eu_from_eu' },
      },
    ]);
  });

  test('init none copies neither way', () => {
    const { subscriptions } = desiredOf(pair('tables: "*", init: { method: none }')) ?? {};
    expect(subscriptions?.map(({ init }) => init)).toEqual(['none', 'none']);
  });

  test('slots have names that PostgreSQL takes, also for nodes that have others', () => {
    const text = `version: 1\nnodes:\n  EU-1: { connection: host=a dbname=x }\n  us.2: { connection: host=b dbname=x }\npairs:\n  Both: { nodes: [EU-1, us.2], tables: [a] }\n`;
    expect(desiredOf(text)?.subscriptions.map(({ name, slot }) => [name, slot])).toEqual([
      ['Both_from_EU-1', 'both_from_eu_1'],
      ['Both_from_us.2', 'both_from_us_2'],
    ]);
  });

  test('several pairs of one node', () => {
    const text = `${twoNodes}  ap: { connection: postgresql://steep@ap.example/app }\npairs:\n  a: { nodes: [us, eu], tables: [t] }\n  b: { nodes: [us, ap], tables: [t] }\n`;
    expect(desiredOf(text)?.subscriptions).toHaveLength(4);
  });
});

const long = 'p'.repeat(60);

type Row = readonly [what: string, text: string, code: string, words: string];

const faults: readonly Row[] = [
  [
    'one node',
    `${twoNodes}pairs:\n  us_eu: { nodes: ⟦[us]⟧, tables: [a] }\n`,
    'INVALID_VALUE',
    'must have 2 entries',
  ],
  [
    'three nodes',
    `${twoNodes}pairs:\n  us_eu: { nodes: ⟦[us, eu, ap]⟧, tables: [a] }\n`,
    'INVALID_VALUE',
    'must have 2 entries',
  ],
  [
    'an unknown node',
    `${twoNodes}pairs:\n  us_eu: { nodes: [us, ⟦ue⟧], tables: [a] }\n`,
    'UNKNOWN_NODE',
    'Did you mean',
  ],
  [
    'a node with itself',
    `${twoNodes}pairs:\n  us_eu: { nodes: [us, ⟦us⟧], tables: [a] }\n`,
    'SAME_NODE',
    'paired with itself',
  ],
  [
    'one database under two names',
    `${twoNodes}  us2: { connection: postgresql://steep@us.example/app }\npairs:\n  p: { nodes: [us, ⟦us2⟧], tables: [a] }\n`,
    'SAME_NODE',
    'the same database',
  ],
  [
    'no tables',
    `${twoNodes}pairs:\n  p: { nodes: [us, eu], ⟦tables⟧: [] }\n`,
    'EMPTY_PUBLICATION',
    'no table',
  ],
  [
    'a table twice',
    pair('tables: [orders, ⟦public.orders⟧]'),
    'DUPLICATE_ENTRY',
    'Pair us_eu names public.orders twice',
  ],
  ['a lone table', pair('tables: ⟦orders⟧'), 'INVALID_VALUE', 'tables: [orders]'],
  [
    'an operation twice',
    pair('tables: [a], publish: [insert, ⟦insert⟧]'),
    'DUPLICATE_ENTRY',
    'publish',
  ],
  [
    'a column list',
    pair('tables: [{ name: orders, ⟦columns⟧: [id] }]'),
    'PAIR_FILTERED',
    'replicate the table one way',
  ],
  [
    'a row filter',
    pair('tables: [{ name: orders, ⟦where⟧: id > 0 }]'),
    'PAIR_FILTERED',
    'orders: with `where`',
  ],
  [
    'origin any',
    pair('tables: [a], options: { origin: ⟦any⟧ }'),
    'LOOP',
    'send back what they receive',
  ],
  [
    'a merge without a strategy',
    pair('tables: [a], init: { method: ⟦merge⟧ }'),
    'MISSING_KEY',
    'needs `strategy`',
  ],
  [
    'last-modified without a column',
    pair('tables: [a], init: { method: merge, strategy: ⟦last-modified⟧, tie: node_a }'),
    'MISSING_KEY',
    'needs `modified_column`',
  ],
  [
    'last-modified of one table without a tie',
    pair(
      'tables: [a], init: { method: merge, strategy: prefer-node-b, tables: { a: { strategy: ⟦last-modified⟧, modified_column: at } } }',
    ),
    'MISSING_KEY',
    'needs `tie`',
  ],
  [
    'a merge of a subscription',
    `${twoPublications}subscriptions:\n  s: { ${toEu}, init: { method: ⟦merge⟧ } }\n`,
    'INVALID_VALUE',
    'which only a pair does',
  ],
  [
    'a size that is none',
    pair('tables: [a], init: { large_table_threshold: ⟦big⟧ }'),
    'INVALID_SIZE',
    'pairs.us_eu.init.large_table_threshold',
  ],
  [
    'a name that is too long',
    `${twoNodes}pairs:\n  ⟦${long}⟧: { nodes: [us, eu], tables: [a], init: { method: none } }\n`,
    'NAME_TOO_LONG',
    `${long}_from_us`,
  ],
  [
    'the name of a publication',
    `${twoNodes}publications:\n  us_eu_from_eu: { node: eu, tables: [b] }\npairs:\n  ⟦us_eu⟧: { nodes: [us, eu], tables: [a] }\n`,
    'NAME_TAKEN',
    '`publications.us_eu_from_eu` has',
  ],
  [
    'a slot of a subscription',
    `${twoPublications}subscriptions:\n  s: { ${toEu}, slot: p_from_us, options: { origin: none } }\npairs:\n  ⟦p⟧: { nodes: [us, eu], tables: [other] }\n`,
    'SLOT_SHARED',
    'both use slot p_from_us',
  ],
  [
    'a subscription beside it',
    `${twoPublications}subscriptions:\n  s: { ${toEu}, options: { origin: none } }\npairs:\n  ⟦p⟧: { nodes: [us, eu], tables: ["*"] }\n`,
    'PAIR_OVERLAP',
    'eu receives the same tables from us through `subscriptions.s`',
  ],
  [
    'a second pair',
    `${pair('tables: [public.*]')}  ⟦second⟧: { nodes: [eu, us], tables: [orders] }\n`,
    'PAIR_OVERLAP',
    '`pairs.us_eu`',
  ],
];

test.each(faults)('%s', (_, marked, code, words) => {
  const { text, place } = unmark(marked);
  const { topology, diagnostics } = load(text);
  expect(topology).toBeNull();
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map(brief)).toContainEqual({ severity: 'error', code, ...place });
  expect(errors.map(wordsOf).join('\n')).toContain(words);
  if (code === 'NOT_SUPPORTED_YET') expect(errors).toHaveLength(1);
});

test('a pair of its own tables stands beside a subscription between the same nodes', () => {
  const text = `${twoPublications}subscriptions:\n  s: { ${toEu}, options: { origin: none } }\npairs:\n  p: { nodes: [us, eu], tables: [other, billing.*] }\n`;
  expect(load(text).diagnostics).toEqual([]);
});
