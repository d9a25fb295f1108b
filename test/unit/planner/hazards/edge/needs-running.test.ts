// What a disabled subscription is refused, and what it may still be told. And keys of tables that go back to them.

import { describe, expect, test } from 'vitest';
import type { SlotObserved } from '../../../../../src/model/state/resource.ts';
import type { DesiredSubscription, LiveState } from '../../../../../src/model/state/state.ts';
import { simulateSteps } from '../../../../support/plans/simulate.ts';
import { put } from '../../../../support/worlds/live-edit.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  resource,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../../../support/worlds/worlds.ts';

const tables = ['orders', 'refunds'].map((name) => table(name));

const file = (names: readonly string[], rest: Partial<DesiredSubscription> = {}) =>
  desiredState(['primary', 'reporting'], {
    publications: [
      wantPublication('primary', 'sales', { tables: names.map((name) => select(name)) }),
      wantPublication('primary', 'others', { tables: [select('orders')] }),
    ],
    subscriptions: [
      wantSubscription('reporting', 'primary', 'feed', { publications: ['sales'], ...rest }),
    ],
  });

const observed = (confirmedFlushLsn: string): SlotObserved => ({
  active: false,
  walStatus: 'reserved',
  confirmedFlushLsn,
  restartLsn: confirmedFlushLsn,
  lagBytes: 0,
  retainedBytes: 0,
  safeWalSize: null,
  failover: false,
  twoPhase: false,
});

const slotAt = (live: LiveState, name: string, lsn: string): LiveState =>
  put(
    live,
    resource(
      'slot',
      'primary',
      name,
      { plugin: 'pgoutput', database: 'app' },
      { observed: observed(lsn) },
    ),
  );

/** A subscription of both tables, disabled; `syncState` says how far the copies are. */
const disabled = (syncState: 'i' | 'r'): LiveState => {
  const servers = liveState(
    ...['primary', 'reporting'].map((name, index) =>
      nodeState(name, { tables, server: server({ systemIdentifier: String(index) }) }),
    ),
  );
  const { steps } = planOf(file(['orders', 'refunds'], { enabled: false }), servers);
  return tables.reduce(
    (live, { name }) =>
      put(
        live,
        resource(
          'copy',
          'reporting',
          `feed:${name.schema}.${name.name}`,
          { subscription: 'feed', table: name, state: syncState === 'r' ? 'ready' : 'copying' },
          { observed: { syncState } },
        ),
      ),
    slotAt(simulateSteps(servers, steps), 'feed', '0/100'),
  );
};

const refusal = (
  desired: ReturnType<typeof file>,
  live: LiveState,
  code = 'NEEDS_RUNNING',
): string | undefined =>
  planOf(desired, live, { prune: true }).observed.hazards[`${code} reporting/subscription.feed`];

describe('before its initial copy, a subscription', () => {
  test('is enabled with what it was made with', () => {
    expect(refusal(file(['orders', 'refunds']), disabled('i'))).toBeUndefined();
  });

  test('is not enabled with a table less, which it would copy all the same', () => {
    expect(refusal(file(['orders']), disabled('i'))).toContain(
      'copied nothing of public.refunds yet',
    );
  });

  test('is not enabled with other publications', () => {
    const other = file(['orders', 'refunds'], { publications: ['others', 'sales'] });
    expect(refusal(other, disabled('i'))).toContain('nothing of public.orders, public.refunds yet');
  });

  test('may lose tables while it stays disabled', () => {
    expect(refusal(file(['orders'], { enabled: false }), disabled('i'))).toBeUndefined();
  });
});

test('after its copy, it is enabled with a table less', () => {
  expect(refusal(file(['orders']), disabled('r'))).toBeUndefined();
});

describe('a slot without a reader', () => {
  const moved = file(['orders', 'refunds'], { slot: 'feed_2' });

  const blocks = (live: LiveState): readonly string[] => {
    const { changes, standing } = planOf(moved, live, { prune: true });
    return [...changes.flatMap(({ hazards }) => hazards), ...standing]
      .filter(({ severity }) => severity === 'block')
      .map(({ code }) => code);
  };

  test.each([true, false])('is not left for another (enabled: %s)', (enabled) => {
    const desired = file(['orders', 'refunds'], { slot: 'feed_2', enabled });
    expect(refusal(desired, disabled('r'), 'SLOT_UNREAD')).toContain(
      'has not read all changes in its slot',
    );
  });

  test('is refused once, whatever is known of its position', () => {
    expect(blocks(disabled('r'))).toEqual(['SLOT_UNREAD']);
    const unknown = { plugin: 'pgoutput', database: 'app' };
    const live = put(disabled('r'), resource('slot', 'primary', 'feed', unknown));
    expect(blocks(live)).toEqual(['SLOT_UNREAD']);
  });

  test('is left where a run that was interrupted had read it to the start of the other', () => {
    expect(blocks(slotAt(disabled('r'), 'feed_2', '0/100'))).toEqual([]);
    expect(blocks(slotAt(disabled('r'), 'feed_2', '0/101'))).toEqual(['SLOT_UNREAD']);
  });
});

describe('a table that goes back to its key as identity, with a column list', () => {
  const live = (keyColumns: readonly string[] | null): LiveState => {
    const orders = table('orders', {
      identityMode: 'full',
      identityColumns: ['id', 'note'],
      keyColumns,
    });
    const spec = { table: orders.name, mode: 'full', index: null } as const;
    return liveState(
      nodeState('primary', {
        tables: [orders],
        resources: [resource('identity', 'primary', 'public.orders', spec)],
      }),
    );
  };
  const desired = desiredState(['primary'], {
    publications: [
      wantPublication('primary', 'sales', {
        tables: [select('orders', { columns: ['id'], identity: { mode: 'default', index: null } })],
      }),
    ],
  });

  test('is judged by the key', () => {
    expect(planOf(desired, live(['id'])).applyable).toBe(true);
  });

  test('is refused where the list leaves out the key, or there is none', () => {
    expect(planOf(desired, live(['id', 'note'])).applyable).toBe(false);
    expect(planOf(desired, live(null)).applyable).toBe(false);
  });
});
