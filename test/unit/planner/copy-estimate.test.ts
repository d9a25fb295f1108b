// The estimates of copies: sizes, times from a rate, WAL from the publisher's rate; and unknown where unknown.

import { describe, expect, test } from 'vitest';
import type { NodeSpeed } from '../../../src/model/plan/copy-estimate.ts';
import type { Plan } from '../../../src/model/plan/plan.ts';
import type { Policy } from '../../../src/model/state/policy.ts';
import type { Table } from '../../../src/model/state/table.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../support/worlds/worlds.ts';

const MB = 1024 ** 2;
const GB = 1024 ** 3;

const unknown: NodeSpeed = { wal: null, copies: [] };
const writing = (bytesPerSecond: number): NodeSpeed => ({
  wal: { bytesPerSecond, since: '2026-01-01T00:00:00.000Z' },
  copies: [],
});
const measured = (...rates: readonly number[]): NodeSpeed => ({
  wal: null,
  copies: rates.map((rate, index) => ({
    at: `2026-01-${30 - index}T08:00:00.000Z`,
    bytes: rate * 100,
    durationMs: 100_000,
  })),
});

interface World {
  readonly publisher?: NodeSpeed;
  readonly subscriber?: NodeSpeed;
  readonly cap?: number | null;
  readonly policy?: Partial<Policy>;
  readonly orders?: Partial<Table>;
}

const address = 'reporting/subscription.feed';

/** One table of 1000 MB and a million rows, from primary to reporting. */
const plan = (world: World = {}): Plan => {
  const { publisher = unknown, subscriber = unknown, cap = null, policy = {} } = world;
  const orders = table('orders', { bytes: 1000 * MB, estimatedRows: 1e6, ...world.orders });
  const wanted = desiredState(['primary', 'reporting'], {
    publications: [wantPublication('primary', 'sales', { tables: [select('orders')] })],
    subscriptions: [wantSubscription('reporting', 'primary', 'feed', { publications: ['sales'] })],
  });
  return planOf(
    { ...wanted, policy: { ...wanted.policy, ...policy } },
    liveState(
      nodeState('primary', {
        tables: [orders],
        pace: publisher,
        server: server({ systemIdentifier: '1', maxSlotWalKeepSize: cap }),
      }),
      nodeState('reporting', {
        tables: [{ ...orders, bytes: 0 }],
        pace: subscriber,
        server: server({ systemIdentifier: '2' }),
      }),
    ),
  );
};

const sentence = ({ observed }: Plan, code: string): string | undefined =>
  observed.hazards[`${code} ${address}`];

const edge = ({ observed }: Plan) => observed.estimate.edges[address];

describe('time', () => {
  test('is unknown without a rate, and the plan says how to give one', () => {
    const made = plan();
    expect(edge(made)).toMatchObject({ rows: 1e6, bytes: 1000 * MB, rate: null, seconds: null });
    expect(made.observed.estimate).toMatchObject({ tables: 1, bytes: 1000 * MB, seconds: null });
    expect(sentence(made, 'RESYNC_COPY')).toContain(
      '1.0 M rows, 1000.0 MB, time unknown (policy.copy_rate gives a rate), WAL kept during the copy unknown;',
    );
  });

  test('is a quarter less to a quarter more at the rate of the file', () => {
    const made = plan({ policy: { copyRate: 2 * MB }, subscriber: measured(50 * MB) });
    expect(edge(made)?.seconds).toEqual({ low: 375, high: 625 });
    expect(sentence(made, 'RESYNC_COPY')).toContain(
      'about 6-11 min (1.6 MB/s to 2.7 MB/s, configured)',
    );
  });

  test('is the same at one rate that was measured', () => {
    const made = plan({ subscriber: measured(2 * MB) });
    expect(edge(made)?.seconds).toEqual({ low: 375, high: 625 });
    expect(sentence(made, 'RESYNC_COPY')).toContain('MB/s, measured 2026-01-30)');
  });

  test('reaches from the fastest to the slowest of several that differ more than that', () => {
    const made = plan({ subscriber: measured(2 * MB, 10 * MB, 1 * MB) });
    expect(edge(made)?.seconds).toEqual({ low: 100, high: 1000 });
  });

  test('goes by copies into the subscriber, not into the publisher', () => {
    expect(edge(plan({ publisher: measured(2 * MB) }))?.seconds).toBeNull();
  });

  test('is known of a table whose rows were never counted', () => {
    const made = plan({ policy: { copyRate: 2 * MB }, orders: { estimatedRows: null } });
    expect(edge(made)).toMatchObject({ rows: null, seconds: { low: 375, high: 625 } });
  });

  test('of a table is its part of the time of its subscription', () => {
    const made = plan({ policy: { copyRate: 2 * MB } });
    expect(Object.values(made.observed.copies)).toEqual([
      { rows: 1e6, bytes: 1000 * MB, seconds: { low: 375, high: 625 } },
    ]);
  });
});

describe('WAL', () => {
  test('is the rate of the publisher for that time, beside the cap', () => {
    const made = plan({ publisher: writing(MB), cap: 10 * GB, policy: { copyRate: 2 * MB } });
    expect(edge(made)?.wal).toEqual({
      publisher: 'primary',
      rate: { bytesPerSecond: MB, since: '2026-01-01T00:00:00.000Z' },
      bytes: { low: 375 * MB, high: 625 * MB },
      cap: 10 * GB,
    });
    expect(sentence(made, 'RESYNC_COPY')).toContain(
      'keeps up to 625.0 MB of WAL during the copy (1.0 MB/s since 2026-01-01), cap 10.0 GB;',
    );
    expect(sentence(made, 'WAL_RETENTION')).toBeUndefined();
  });

  test('has limited by the disk only where the server sets none', () => {
    const made = plan({ publisher: writing(MB), policy: { copyRate: 2 * MB } });
    expect(sentence(made, 'RESYNC_COPY')).toContain('2026-01-01), limited by the disk only;');
  });

  test.each([
    ['the time', { publisher: writing(MB), cap: 1 }],
    ['the rate of the publisher', { cap: 1, policy: { copyRate: 2 * MB } }],
  ])('is unknown without %s, and then nothing is called dangerous', (_what, world) => {
    const made = plan(world);
    expect(edge(made)?.wal?.bytes).toBeNull();
    expect(sentence(made, 'RESYNC_COPY')).toContain('WAL kept during the copy unknown');
    expect(sentence(made, 'WAL_RETENTION')).toBeUndefined();
  });

  test('above the cap is a danger', () => {
    const made = plan({ publisher: writing(MB), cap: 600 * MB, policy: { copyRate: 2 * MB } });
    const hazards = made.changes.flatMap((change) => change.hazards);
    expect(hazards.find(({ code }) => code === 'WAL_RETENTION')).toMatchObject({
      severity: 'danger',
      address,
    });
    expect(sentence(made, 'WAL_RETENTION')).toBe(
      'The copy takes about 6-11 min, and its slots keep up to 625.0 MB of WAL on node primary until then (1.0 MB/s since 2026-01-01); max_slot_wal_keep_size is 600.0 MB: a slot may be lost before the copy ends, and the copy with it.',
    );
  });
});

test('the plan id hangs neither on rates nor on the danger that follows from them', () => {
  const ids = [
    plan(),
    plan({ subscriber: measured(3 * MB) }),
    plan({ publisher: writing(MB), subscriber: measured(2 * MB) }),
    plan({ publisher: writing(100 * MB), subscriber: measured(2 * MB), cap: MB }),
  ].map(({ planId }) => planId);
  expect(new Set(ids).size).toBe(1);
});

test('nodes copy side by side, the subscriptions of one node after one another', () => {
  const nodes = ['primary', 'a', 'b'];
  const orders = table('orders', { bytes: 100 * MB });
  const subscriptions = [
    ['a', 's1'],
    ['a', 's2'],
    ['b', 's3'],
  ].map(([node = '', name = '']) =>
    wantSubscription(node, 'primary', name, { publications: [`p_${name}`] }),
  );
  const wanted = desiredState(nodes, {
    publications: subscriptions.map(({ name }) =>
      wantPublication('primary', `p_${name}`, { tables: [select('orders')] }),
    ),
    subscriptions,
  });
  const made = planOf(
    { ...wanted, policy: { ...wanted.policy, copyRate: MB } },
    liveState(
      ...nodes.map((name, index) =>
        nodeState(name, { tables: [orders], server: server({ systemIdentifier: String(index) }) }),
      ),
    ),
  );
  expect(made.observed.estimate).toMatchObject({
    tables: 3,
    bytes: 300 * MB,
    seconds: { low: 150, high: 250 },
  });
});
