// Whether a node that a user filled manually is joined to its slot, from where, or why not.

import { describe, expect, test } from 'vitest';
import type { Evidence, PreparedSlot } from '../../../../src/model/copy/manual-init.ts';
import { SteepError } from '../../../../src/model/errors.ts';
import type { SlotObserved } from '../../../../src/model/state/resource.ts';
import type { PhysicalFacts, RestoredNode } from '../../../../src/model/state/restored-node.ts';
import type { DesiredSubscription } from '../../../../src/model/state/state.ts';
import { judgeRestored } from '../../../../src/planner/init/judge-restored.ts';

const published = {
  publications: [{ name: 'sales', oid: 1, publish: ['insert'], viaRoot: false, members: [2] }],
  tables: [{ table: { schema: 'public', name: 'orders' }, columns: null, where: null }],
} as const;

const prepared: PreparedSlot = {
  slot: 's',
  node: 'reporting',
  subscription: 'sales',
  lsn: '0/200',
  runId: 'run',
  published,
  evidence: null,
  createdAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-01-02T00:00:00Z',
  expired: false,
};

const evidence: Evidence = { kind: 'hashes', tables: [] };

const edge = { node: 'reporting', name: 'sales', source: 'primary', slot: 's' };

const slot = { confirmedFlushLsn: '0/200', walStatus: 'reserved', active: false };

const physical: PhysicalFacts = {
  origin: { timeline: 1, lsn: '0/300' },
  subscriptions: [],
  preparedTransactions: [],
  writes: [],
};

const found: RestoredNode = {
  edge: edge as DesiredSubscription,
  slot: slot as SlotObserved,
  prepared,
  published,
  source: { systemIdentifier: '7', timeline: 1, database: 'app', walPosition: '0/900' },
  node: { systemIdentifier: '8', timeline: 1, database: 'app' },
  sameServer: false,
  physical: null,
  ownSubscriptions: [],
  sourceLsn: null,
};

const copied: RestoredNode = {
  ...found,
  node: { systemIdentifier: '7', timeline: 2, database: 'app' },
  physical,
};

const codeOf = (given: RestoredNode): string => {
  try {
    judgeRestored(given);
    return 'none';
  } catch (error) {
    return error instanceof SteepError ? error.code : String(error);
  }
};

describe('a dump', () => {
  test.each([
    ['hashes', { ...prepared, evidence }],
    ['counts', { ...prepared, evidence: { ...evidence, kind: 'counts' } }],
    ['none', prepared],
  ] as const)('with evidence %s starts at its slot', (proof, noted) => {
    expect(judgeRestored({ ...found, prepared: noted })).toEqual({
      proof,
      startsAt: null,
      formerNodes: [],
    });
  });

  test('into another database of the same server is one', () => {
    const node = { ...found.source, database: 'other' };
    expect(codeOf({ ...found, node, sameServer: true })).toBe('none');
  });
});

describe('a physical copy', () => {
  test('starts where its recovery ended', () => {
    expect(judgeRestored(copied)).toEqual({
      proof: 'position',
      startsAt: '0/300',
      formerNodes: [],
    });
  });

  test('that ended at the very beginning of the slot is one', () => {
    const origin = { timeline: 1, lsn: '0/200' };
    expect(codeOf({ ...copied, physical: { ...physical, origin } })).toBe('none');
  });

  test('with a new system identifier is one', () => {
    const node = { ...copied.node, systemIdentifier: '9' };
    expect(codeOf({ ...copied, node })).toBe('none');
  });

  test('that does not tell its position starts where a user says, unproven', () => {
    const silent = { ...copied, physical: { ...physical, origin: null } };
    expect(codeOf(silent)).toBe('INIT_POSITION');
    expect(judgeRestored({ ...silent, sourceLsn: '0/300' })).toMatchObject({
      proof: 'none',
      startsAt: '0/300',
    });
  });
});

const at = (lsn: string, timeline = 1): RestoredNode => ({
  ...copied,
  physical: { ...physical, origin: { timeline, lsn } },
});

test.each<readonly [string, string, RestoredNode]>([
  ['nothing was prepared', 'INIT_NOT_PREPARED', { ...found, prepared: null }],
  [
    'it was prepared for another subscription',
    'INIT_NOT_PREPARED',
    { ...found, prepared: { ...prepared, subscription: 'other' } },
  ],
  [
    'prepare was killed before it said where the slot begins',
    'INIT_NOT_PREPARED',
    { ...found, prepared: { ...prepared, lsn: '0/0' } },
  ],
  ['the slot is gone', 'INIT_SLOT_LOST', { ...found, slot: null }],
  [
    'the slot is lost',
    'INIT_SLOT_LOST',
    { ...found, slot: { ...slot, walStatus: 'lost' } as SlotObserved },
  ],
  [
    'the slot was read',
    'INIT_SLOT_LOST',
    { ...found, slot: { ...slot, confirmedFlushLsn: '0/201' } as SlotObserved },
  ],
  ['it has expired', 'INIT_EXPIRED', { ...found, prepared: { ...prepared, expired: true } }],
  [
    'a table was put back into the publication',
    'INIT_PUBLISHED_CHANGED',
    {
      ...found,
      published: {
        ...published,
        publications: published.publications.map((it) => ({ ...it, members: [3] })),
      },
    },
  ],
  ['a dump is given another position', 'INIT_POSITION', { ...found, sourceLsn: '0/300' }],
  ['a copy is older than the slot', 'INIT_POSITION', { ...copied, physical: null }],
  [
    'a copy is on the timeline of its source',
    'INIT_WRONG_NODE',
    { ...copied, node: { ...copied.node, timeline: 1 } },
  ],
  ['a copy left another timeline', 'INIT_POSITION', at('0/300', 3)],
  ['a copy ends before the slot', 'INIT_POSITION', at('0/1FF')],
  ['a copy ends after its source', 'INIT_POSITION', at('0/901')],
  ['a copy is said to be elsewhere', 'INIT_POSITION', { ...copied, sourceLsn: '0/301' }],
  [
    'a copy was written to',
    'INIT_COPY_UNFIT',
    {
      ...copied,
      physical: { ...physical, writes: [{ table: { schema: 's', name: 't' }, rows: 1 }] },
    },
  ],
  [
    'a copy holds a prepared transaction',
    'INIT_COPY_UNFIT',
    { ...copied, physical: { ...physical, preparedTransactions: ['gid'] } },
  ],
  [
    'a copy holds a subscription of another database',
    'INIT_COPY_UNFIT',
    {
      ...copied,
      ownSubscriptions: ['feed'],
      physical: { ...physical, subscriptions: [{ name: 'feed', database: 'other' }] },
    },
  ],
])('refused: %s', (_why, code, given) => {
  expect(codeOf(given)).toBe(code);
});
