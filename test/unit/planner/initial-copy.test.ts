// How a new subscription gets its rows: again, again, or on from what an interrupted copy has finished.

import { describe, expect, test } from 'vitest';
import type { DesiredState, LiveState } from '../../../src/model/state/state.ts';
import { comparePlans } from '../../../src/planner/plan/compare-plans.ts';
import { simulateStep } from '../../support/plans/simulate.ts';
import { unread } from '../../support/plans/simulate-copy.ts';
import { nameOf, planOf, wantSubscription } from '../../support/worlds/worlds.ts';
import { asked, feed, killedAfter, kindsOf, servers, slot } from './initial-copies.ts';

const changed = (live: LiveState, walStatus: 'lost' | 'reserved'): LiveState => ({
  ...live,
  nodes: Object.fromEntries(
    Object.entries(live.nodes).map(([name, state]) => [
      name,
      {
        ...state,
        resources: state.resources.map((found) =>
          found.kind === 'slot'
            ? {
                ...found,
                observed: { ...unread, walStatus, confirmedFlushLsn: '0/1', restartLsn: '0/1' },
              }
            : found,
        ),
      },
    ]),
  ),
});

test('the slot is made with its snapshot, and the subscription after the copy', () => {
  expect(kindsOf(servers())).toEqual([
    `try-subscription ${feed}`,
    `create-slot ${slot}`,
    `copy-tables ${feed}`,
    `create-subscription ${feed}`,
  ]);
});

const fromTheStart = [
  `try-subscription ${feed}`,
  `undo-copy ${feed}`,
  `drop-slot ${slot}`,
  `create-slot ${slot}`,
  `copy-tables ${feed}`,
  `create-subscription ${feed}`,
];

const temporary = /steep_copied_[0-9a-f]{12}$/;
const shape = (ids: readonly string[]): readonly string[] =>
  ids.map((id) => id.replace(temporary, 'T'));

describe('after an interruption', () => {
  test.each([
    ['is continued', 'reserved', /^Empties public\.orders on node us/],
    ['begins again', 'lost', /^Empties public\.items on node us/],
  ] as const)(
    'what another subscription has brought is emptied by consent only: a copy that %s',
    (_how, walStatus, words) => {
      const twin = wantSubscription('us', 'eu', 'twin', { publications: ['sales'] });
      const shared = { ...asked(), subscriptions: [...asked().subscriptions, twin] };
      const live = changed(killedAfter('create-slot', ['items']), walStatus);
      const danger = (desired: DesiredState) =>
        planOf(desired, live).observed.hazards[`TARGET_TRUNCATE ${feed}`];
      expect(danger(shared)).toMatch(words);
      expect(danger(shared)).toContain('Rows from twin are deleted too');
      expect(danger(asked())).toBeUndefined();
    },
  );

  test('before the first table was complete, all of it begins again', () => {
    expect(kindsOf(killedAfter('create-slot'))).toEqual(fromTheStart);
  });

  test('with some tables complete, they are kept, and PostgreSQL copies the others', () => {
    const ids = kindsOf(killedAfter('create-slot', ['items']));
    expect(shape(ids)).toEqual([
      'create-publication eu/publication.T',
      `settle-copy ${feed}`,
      `create-subscription ${feed}`,
      `refresh-subscription ${feed}`,
      'drop-publication eu/publication.T',
      `wait-for-copy ${feed}`,
      `settle-copy ${feed} rest`,
    ]);
  });

  test('with all tables complete, only the subscription is missing', () => {
    expect(kindsOf(killedAfter('copy-tables'))).toEqual([
      `settle-copy ${feed}`,
      `create-subscription ${feed}`,
    ]);
  });

  test('nothing is kept where the publication is another than was copied', () => {
    const live = killedAfter('create-slot', ['items']);
    const other = asked();
    const [sales] = other.publications;
    if (sales === undefined) throw new Error('no publication');
    const narrowed = { ...other, publications: [{ ...sales, publish: ['insert'] as const }] };
    expect(kindsOf(live, narrowed)).toEqual(fromTheStart);
  });

  test('nothing is kept where the slot is lost', () => {
    expect(kindsOf(changed(killedAfter('create-slot', ['items']), 'lost'))).toEqual(fromTheStart);
    expect(kindsOf(changed(killedAfter('create-slot', ['items']), 'reserved'))).not.toEqual(
      fromTheStart,
    );
  });

  test('with two_phase no refresh may copy: what is not complete begins again', () => {
    const desired = asked({ two_phase: 'true' });
    expect(kindsOf(killedAfter('create-slot', ['items'], desired), desired)).toEqual(fromTheStart);
  });

  test.each([[[]], [['items']], [['items', 'orders']]])(
    'a saved plan continues, and nothing is left after any step of it: %j',
    (finished) => {
      const saved = planOf(asked(), servers());
      let live = killedAfter('create-slot', finished);
      for (const step of planOf(asked(), live).steps) {
        live = simulateStep(live, step);
        expect(comparePlans(saved, planOf(asked(), live)).unexpected, step.id).toEqual([]);
      }
      expect(planOf(asked(), live).steps).toEqual([]);
    },
  );
});

describe('PostgreSQL copies', () => {
  const native = [`create-subscription ${feed}`, `wait-for-copy ${feed}`];
  const noticed = (live: LiveState): string =>
    planOf(asked(), live).observed.hazards[`COPY_NATIVE ${feed}`] ?? '';

  test('where the slot is there already', () => {
    const live = killedAfter('create-slot');
    const us = live.nodes.us;
    if (us === undefined) throw new Error('no node');
    const { unfinishedCopies: _forgotten, ...state } = us;
    const detached = { ...live, nodes: { ...live.nodes, us: state } };
    expect(kindsOf(detached)).toEqual([`try-subscription ${feed}`, ...native]);
    expect(noticed(detached)).toContain('slot feed already exists');
  });

  test('where steep_repl is in another database', () => {
    expect(kindsOf(servers({ apart: true }))).toEqual([
      `try-subscription ${feed}`,
      `create-slot ${slot}`,
      ...native,
    ]);
    expect(noticed(servers({ apart: true }))).toContain('another database');
  });
});

describe('into tables that hold rows', () => {
  const filled = servers({ hasRows: true });

  test('it is refused', () => {
    const plan = planOf(asked(), filled);
    expect(plan.applyable).toBe(false);
    expect(plan.observed.hazards[`COPY_INTO_NONEMPTY ${feed}`]).toContain(
      '2 tables on node us hold',
    );
  });

  test('--force empties them, as a danger', () => {
    const plan = planOf(asked(), filled, { prune: false, force: true });
    expect(plan.applyable).toBe(true);
    const [truncate] = plan.steps.filter(({ kind }) => kind === 'truncate-tables');
    expect(truncate?.execution.statements).toEqual(['TRUNCATE TABLE public.items, public.orders']);
    expect(truncate?.hazards.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'danger TARGET_TRUNCATE',
    ]);
    const ids = plan.steps.map(({ id }) => id);
    expect(ids.indexOf(`truncate-tables ${feed}`)).toBeLessThan(ids.indexOf(`copy-tables ${feed}`));
  });

  /** Rows are in items alone, and what `from` names refers to them. */
  const referring = (from: string): LiveState => {
    const live = servers();
    const { us } = live.nodes;
    if (us === undefined) throw new Error('no node');
    const tables = us.tables.map((it) => ({ ...it, hasRows: it.name.name === 'items' }));
    const references = [
      { table: nameOf(from), to: nameOf('items'), foreignKey: 'checks' as const, constraints: [] },
    ];
    return { ...live, nodes: { ...live.nodes, us: { ...us, tables, references } } };
  };

  test('--force names an empty table that refers to one with rows, as TRUNCATE demands', () => {
    const plan = planOf(asked(), referring('orders'), { prune: false, force: true });
    expect(plan.applyable).toBe(true);
    const [truncate] = plan.steps.filter(({ kind }) => kind === 'truncate-tables');
    expect(truncate?.execution.statements).toEqual([
      '-- only if public.orders holds no rows when it runs; otherwise nothing is emptied',
      'TRUNCATE TABLE public.items, public.orders',
    ]);
    expect(plan.observed.hazards[`TARGET_TRUNCATE ${feed}`]).toContain('public.orders: 0 rows');
  });

  test('--force empties no table that is not copied', () => {
    const plan = planOf(asked(), referring('lines'), { prune: false, force: true });
    expect(plan.applyable).toBe(false);
    expect(plan.observed.hazards[`TARGET_REFERENCED ${feed}`]).toContain('public.lines');
  });

  test('rows of the interrupted copy itself are no reason to stop', () => {
    const live = killedAfter('create-slot', ['items']);
    const us = live.nodes.us;
    if (us === undefined) throw new Error('no node');
    const tables = us.tables.map((it) => ({ ...it, hasRows: it.name.name === 'items' }));
    const plan = planOf(asked(), { ...live, nodes: { ...live.nodes, us: { ...us, tables } } });
    expect(plan.applyable).toBe(true);
  });
});
