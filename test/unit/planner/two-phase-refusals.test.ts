// Every reason for which a snapshot on storage is refused.

import { expect, test } from 'vitest';
import type { DesiredSubscription } from '../../../src/model/state/state.ts';
import {
  asked,
  facts,
  feed,
  mark,
  now,
  type Rest,
  read,
  servers,
} from '../../support/worlds/loading-world.ts';
import { planOf, wantSubscription } from '../../support/worlds/worlds.ts';

const [items, orders] = facts.tables;
if (items === undefined || orders === undefined) throw new Error('two tables');
const changed = (rest: object) =>
  read({ now: { ...facts.now, 'public.items': { ...now, ...rest } } });

interface Refusal {
  readonly rest: Rest;
  readonly words: string;
  readonly sub: Partial<DesiredSubscription>;
}

const written: readonly (readonly [string, Rest, string, Partial<DesiredSubscription>?])[] = [
  [
    'a manifest that cannot be read',
    {
      reading: { facts: null, fault: { message: 'No snapshot was found in snap.', cures: ['x'] } },
    },
    'No snapshot was found in snap',
  ],
  [
    'another cluster',
    { reading: read({ source: { ...facts.source, systemIdentifier: '9' } }) },
    'another cluster',
  ],
  [
    'another timeline',
    { reading: read({ source: { ...facts.source, timeline: 2 } }) },
    'timeline 2',
  ],
  [
    'another database',
    { reading: read({ source: { ...facts.source, database: 'shop' } }) },
    'of database shop',
  ],
  ['no slot', { reading: read({ slot: null }) }, 'made without a slot'],
  ['a slot that is gone', { anchor: null }, 'slot anchor is gone'],
  ['a slot that is lost', { anchor: { walStatus: 'lost' } }, 'slot anchor is lost'],
  [
    'a slot that was read',
    { anchor: { confirmedFlushLsn: '0/16B3749' } },
    'another session has read it',
  ],
  ['its own slot', {}, 'slot anchor belongs to the snapshot', { slot: 'anchor' }],
  [
    'a table that it does not have',
    { reading: read({ tables: [items] }) },
    'does not have public.orders',
  ],
  [
    'a table that was altered',
    { reading: changed({ strictFingerprint: 'x' }) },
    'altered public.items',
  ],
  [
    'a table that was altered, with auto',
    { reading: changed({ replicationFingerprint: 'x' }) },
    'altered public.items',
    { schemaSync: 'auto' },
  ],
  [
    'other columns',
    { reading: changed({ sent: { columns: ['id'], filter: null } }) },
    'other columns or rows of public.items',
  ],
  [
    'other rows',
    { reading: changed({ sent: { columns: ['id', 'note'], filter: '(id > 5)' } }) },
    'other columns or rows of public.items',
  ],
  [
    'another publication',
    { reading: read({ publications: ['others'] }) },
    'without publication sales',
  ],
  [
    'a publication that was made again',
    { reading: read({ marksNow: [{ ...mark, oid: 8 }] }) },
    'publication sales was changed, or dropped and created again',
  ],
  [
    'a table that was taken out and put back',
    { reading: read({ marksNow: [{ ...mark, members: [1, 3] }] }) },
    'publication sales was changed, or dropped and created again',
  ],
  ['another encoding', { encoding: 'LATIN1' }, 'encoded in UTF8, and node us in LATIN1'],
  ['copy checkpoints elsewhere', { apart: true }, 'in another database than the tables'],
  ['a disabled subscription', {}, 'feed is disabled', { enabled: false }],
];

const refusals = written.map(([what, rest, words, sub = {}]): readonly [string, Refusal] => [
  what,
  { rest, words, sub },
]);

test.each(refusals)('%s is refused', (_, { rest, words, sub }) => {
  const plan = planOf(asked(sub), servers(rest));
  expect(plan.applyable).toBe(false);
  expect(plan.observed.hazards[`SNAPSHOT_UNUSABLE ${feed}`]).toContain(words);
});

test('a table that left the publication does not matter', () => {
  const reading = read({ marksNow: [{ ...mark, members: [1] }] });
  expect(planOf(asked(), servers({ reading })).applyable).toBe(true);
});

test('with auto, what replication does not need may differ', () => {
  const reading = changed({ strictFingerprint: 'x' });
  expect(planOf(asked({ schemaSync: 'auto' }), servers({ reading })).applyable).toBe(true);
});

test('of two subscriptions of a node on one snapshot, only the first is filled', () => {
  const other = wantSubscription('us', 'eu', 'later', {
    publications: ['notes'],
    init: 'two_phase',
    snapshot: 'snap',
  });
  const live = servers();
  const reading = read({ publications: ['sales', 'notes'] });
  const both = { ...live, snapshots: { [feed]: reading, 'us/subscription.later': reading } };
  const { hazards } = planOf(asked({}, [other]), both).observed;
  expect(hazards['SNAPSHOT_UNUSABLE us/subscription.later']).toContain('feed of the same node');
  expect(hazards[`SNAPSHOT_UNUSABLE ${feed}`]).toBeUndefined();
});
