// Hazards that follow from the facts of a server alone: its version, its limits, its role, what is before it.

import { describe, expect, test } from 'vitest';
import type { ServerFacts } from '../../../../../src/model/state/server.ts';
import { edge, found, planned, sentences, type World } from '../../../../support/plans/one-edge.ts';
import { wantSubscription } from '../../../../support/worlds/worlds.ts';

test('what the connected role may not see is said, and is no part of the plan id', () => {
  const weak = { name: 'plans', superuser: false, replication: false };
  const reader = { ...weak, statistics: false, fileSettings: false };
  const [seeing, blind] = [planned({}), planned({ a: { reader }, b: { reader } })];
  expect(blind.planId).toBe(seeing.planId);
  expect(seeing.observed.unchecked).toBeUndefined();
  expect(blind.observed.unchecked).toMatchObject([
    { address: 'a/node.a', what: 'sessions of other roles' },
    { address: 'b/node.b', what: 'sessions of other roles' },
    { address: 'b/node.b', what: 'settings in the configuration files' },
  ]);
});

test('a server with room, rights and a release without bugs is no hazard', () => {
  expect(planned({})).toMatchObject({
    applyable: true,
    summary: { block: 0, danger: 0, warning: 1, notice: 2 },
  });
});

test('MINOR_VERSION warns of a release with a known bug, and names the fix', () => {
  const plan = planned({ a: { versionNumber: 160008 } });
  expect(plan.applyable).toBe(true);
  expect(found(plan, 'MINOR_VERSION')).toEqual([
    {
      code: 'MINOR_VERSION',
      severity: 'warning',
      address: 'a/node.a',
      remedy: 'Upgrade node a to 16.9 or later.',
    },
  ]);
});

test('POOLER blocks', () => {
  const plan = planned({ b: { pooled: true } });
  expect(plan.applyable).toBe(false);
  expect(found(plan, 'POOLER')).toMatchObject([{ severity: 'block', address: 'b/node.b' }]);
});

describe('CAPACITY', () => {
  const full = (setting: string, limit: number, used: number): Partial<ServerFacts> => ({
    limits: [{ setting, limit, used }],
  });

  test.each<[string, World, string]>([
    [
      'no slot left',
      { a: full('max_replication_slots', 5, 5) },
      'a: max_replication_slots = 5, 5 used, 1 more',
    ],
    [
      'no walsender left',
      { a: full('max_wal_senders', 3, 3) },
      'a: max_wal_senders = 3, 3 used, 1 more',
    ],
    [
      'no worker left',
      { b: full('max_logical_replication_workers', 4, 4) },
      'b: max_logical_replication_workers = 4',
    ],
    ['no process left', { b: full('max_worker_processes', 8, 8) }, 'b: max_worker_processes = 8'],
    [
      'no origin left',
      { b: full('max_active_replication_origins', 2, 2) },
      'b: max_active_replication_origins = 2',
    ],
    ['wal_level', { a: { walLevel: 'replica' } }, 'a has wal_level = replica'],
  ])('%s blocks', (_what, world, sentence) => {
    const plan = planned(world);
    expect(plan.applyable).toBe(false);
    expect(sentences(plan, 'CAPACITY')).toEqual([expect.stringContaining(sentence)]);
  });

  test.each<[string, World]>([
    ['the last slot', { a: full('max_replication_slots', 5, 4) }],
    ['the last worker', { b: full('max_logical_replication_workers', 4, 3) }],
    ['slots on the subscriber, which needs none', { b: full('max_replication_slots', 5, 5) }],
    ['wal_level of the subscriber', { b: { walLevel: 'replica' } }],
    [
      'a limit that the plan has no use for',
      { a: full('max_sync_workers_per_subscription', 2, 2) },
    ],
  ])('%s is no hazard', (_what, world) => {
    expect(found(planned(world), 'CAPACITY')).toEqual([]);
  });

  test('counts what every step of the node needs', () => {
    const subscriptions = ['s', 't'].map((name) =>
      wantSubscription('b', 'a', name, { publications: ['p'] }),
    );
    const plan = planned({ a: full('max_wal_senders', 9, 8) }, { ...edge, subscriptions });
    expect(sentences(plan, 'CAPACITY')).toEqual([expect.stringContaining('2 more needed')]);
  });
});
