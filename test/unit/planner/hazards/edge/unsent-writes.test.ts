// What a publisher writes and never sends, said of a subscription that is to be created.

import { expect, test } from 'vitest';
import type { UnsentWrites } from '../../../../../src/model/state/surroundings.ts';
import { edge } from '../../../../support/plans/one-edge.ts';
import { liveState, nodeState, planOf, table } from '../../../../support/worlds/worlds.ts';

const codesOf = (unsentWrites: UnsentWrites, type: string, origin: string): readonly string[] => {
  const [column] = table('orders').columns;
  const columns = column === undefined ? [] : [column, { ...column, name: 'picture', type }];
  const tables = [table('orders', { columns })];
  const subscriptions = edge.subscriptions.map((sub) => ({ ...sub, options: { origin } }));
  const live = liveState(nodeState('a', { tables, unsentWrites }), nodeState('b', { tables }));
  return Object.keys(planOf({ ...edge, subscriptions }, live).observed.hazards)
    .filter((key) => /_UNSENT /.test(key))
    .map((key) => key.replace(/ .*/, ''));
};

const nothing: UnsentWrites = { foreignOrigins: [], largeObjects: false };

test.each<[string, Partial<UnsentWrites>, string, string, readonly string[]]>([
  ['nothing', {}, 'oid', 'none', []],
  ['large objects', { largeObjects: true }, 'oid', 'any', ['LARGE_OBJECTS_UNSENT']],
  ['of the extension', { largeObjects: true }, 'public.lo', 'any', ['LARGE_OBJECTS_UNSENT']],
  ['in no column', { largeObjects: true }, 'text', 'any', []],
  ['an origin', { foreignOrigins: ['loader'] }, 'text', 'none', ['ORIGIN_WRITES_UNSENT']],
  ['an origin that is sent', { foreignOrigins: ['loader'] }, 'text', 'any', []],
])('%s', (_what, found, type, origin, codes) => {
  expect(codesOf({ ...nothing, ...found }, type, origin)).toEqual(codes);
});
