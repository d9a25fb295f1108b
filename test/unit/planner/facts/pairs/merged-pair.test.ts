// What decides the rows of partitions: a pair lists partitioned tables, and merges the partitions that hold rows.

import { expect, test } from 'vitest';
import { formatName } from '../../../../../src/model/identifier.ts';
import { type MergeRule, ruleOf } from '../../../../../src/model/state/merge.ts';
import { mergesToRead } from '../../../../../src/planner/reading/merges-to-read.ts';
import {
  desiredState,
  liveState,
  nameOf,
  nodeState,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../../../support/worlds/worlds.ts';

const ruled = (strategy: MergeRule['strategy']): MergeRule => ({
  strategy,
  modifiedColumn: null,
  tie: 'a',
});

const merge = {
  rule: ruled('prefer-node-a'),
  tables: {
    'public.sales': ruled('prefer-node-b'),
    'public.sales_new_1': ruled('last-modified'),
  },
  decisions: null,
  maxLockMs: null,
  maxOverwrites: null,
};

const subscription = (node: string, from: string, way: 'forth' | 'back') => ({
  ...wantSubscription(node, from, `from_${from}`, {
    publications: [`from_${from}`],
    options: { origin: 'none' },
    init: 'merge',
    pair: { name: 'pair', way, partner: `from_${node}` },
  }),
  merge,
});

const asked = desiredState(['us', 'eu'], {
  publications: ['us', 'eu'].map((node) =>
    wantPublication(node, `from_${node}`, { tables: [select('sales'), select('orders')] }),
  ),
  subscriptions: [subscription('eu', 'us', 'forth'), subscription('us', 'eu', 'back')],
});

const parent = nameOf('sales');
const tables = [
  table('orders'),
  table('sales', { partitioned: true }),
  table('sales_old', { parent }),
  table('sales_new', { parent, partitioned: true }),
  table('sales_new_1', { parent: nameOf('sales_new') }),
  table('sales_new_2', { parent: nameOf('sales_new') }),
];

const live = liveState(
  ...['us', 'eu'].map((node, at) =>
    nodeState(node, { tables, server: server({ systemIdentifier: String(at) }) }),
  ),
);

test('the rule of a partitioned table decides its partitions, unless they have one of their own', () => {
  const [found] = mergesToRead(asked, live);
  if (found === undefined) throw new Error('there is no merge');
  const rules = found.tables
    .map(formatName)
    .map((name) => [name, ruleOf(found.settings, name).strategy]);
  expect(Object.fromEntries(rules)).toEqual({
    'public.orders': 'prefer-node-a',
    'public.sales_old': 'prefer-node-b',
    'public.sales_new_1': 'last-modified',
    'public.sales_new_2': 'prefer-node-b',
  });
});
