// Whether a slot is the one of an attempt: each way in which it can be another, and what is no difference.

import { describe, expect, test } from 'vitest';
import type { PublicationMark } from '../../../../src/model/copy/manual-init.ts';
import { publishedDoubt } from '../../../../src/model/state/noted-attempt.ts';
import {
  type FoundSlot,
  newSlotIdentity,
  type SlotSighting,
  slotDoubt,
} from '../../../../src/model/state/slot-identity.ts';

const slot: FoundSlot = {
  plugin: 'pgoutput',
  database: 'app',
  active: false,
  walStatus: 'reserved',
  invalidation: null,
  confirmedFlushLsn: '0/3000',
  restartLsn: '0/2000',
  catalogXmin: '700',
};

const seen = (
  changes: Partial<FoundSlot> | null = {},
  home: Partial<SlotSighting> = {},
): SlotSighting => ({
  systemIdentifier: '77',
  timeline: 1,
  database: 'app',
  inRecovery: false,
  slot: changes === null ? null : { ...slot, ...changes },
  ...home,
});

const noted = newSlotIdentity('feed', '0/3000', seen());

test('an identity is only taken of a slot at its consistent point', () => {
  expect(noted).toMatchObject({ slot: 'feed', consistentLsn: '0/3000', catalogXmin: '700' });
  expect(newSlotIdentity('feed', '0/3000', seen({ confirmedFlushLsn: '0/3001' }))).toBeNull();
  expect(newSlotIdentity('feed', '0/3000', seen(null))).toBeNull();
});

test.each([
  ['nothing moved', {}],
  ['it was decoded without confirming', { restartLsn: '0/3000', catalogXmin: '701' }],
  ['transaction ids have wrapped around', { catalogXmin: '701' }],
])('the same slot: %s', (_name, changes) => {
  expect(slotDoubt('feed', noted, seen(changes))).toBeNull();
});

describe('another slot', () => {
  test.each<[string, string, SlotSighting]>([
    ['gone', 'is gone', seen(null)],
    ['lost', 'has lost WAL', seen({ walStatus: 'lost' })],
    ['lost', 'idle_timeout', seen({ invalidation: 'idle_timeout' })],
    ['other', 'past 0/3000', seen({ confirmedFlushLsn: '0/3001' })],
    ['other', 'another position', seen({ confirmedFlushLsn: '0/2FFF' })],
    ['other', 'another position', seen({ restartLsn: '0/3001' })],
    ['other', 'another position', seen({ restartLsn: '0/1FFF' })],
    ['other', 'another position', seen({ catalogXmin: '699' })],
    ['other', 'has no position', seen({ catalogXmin: null })],
    ['other', 'another plugin', seen({ plugin: 'test_decoding' })],
    ['other', 'being read', seen({ active: true })],
    ['other', 'another cluster', seen({}, { systemIdentifier: '78' })],
    ['other', 'timeline 2', seen({}, { timeline: 2 })],
    ['other', 'database app', seen({}, { database: 'other' })],
    ['other', 'standby', seen({}, { inRecovery: true })],
    ['gone', 'another cluster', seen(null, { systemIdentifier: '78' })],
  ])('%s: %s', (kind, why, found) => {
    expect(slotDoubt('feed', noted, found)).toMatchObject({
      kind,
      why: expect.stringContaining(why) as unknown,
    });
  });

  test('without a record, none is known', () => {
    expect(slotDoubt('feed', null, seen())?.kind).toBe('other');
    expect(slotDoubt('feed', null, seen(null))?.kind).toBe('gone');
    expect(slotDoubt('feed', null, seen({ walStatus: 'lost' }))?.kind).toBe('lost');
  });

  test('of another name', () => {
    expect(slotDoubt('feed_b', noted, seen())?.kind).toBe('other');
    expect(slotDoubt('feed_b', noted, seen(null))?.kind).toBe('gone');
  });
});

test('publications are told apart by their OIDs, and by those of their members', () => {
  const mark: PublicationMark = {
    name: 'sales',
    oid: 100,
    publish: ['insert'],
    viaRoot: true,
    members: [101, 102],
  };
  expect(publishedDoubt([mark], [mark])).toBeNull();
  expect(publishedDoubt([mark], [])?.why).toContain('was dropped');
  expect(publishedDoubt([mark], [{ ...mark, oid: 200 }])?.why).toContain('created again');
  expect(publishedDoubt([mark], [{ ...mark, members: [101, 103] }])?.why).toContain('was changed');
  const written = { ...mark, xmin: '700' };
  expect(publishedDoubt([written], [{ ...mark, xmin: '701' }])?.why).toContain('was changed');
  expect(publishedDoubt([mark], [written])).toBeNull();
});
