// What --target and --exclude keep, take in and leave out, by example: a hub that two nodes read.

import { describe, expect, test } from 'vitest';
import { applied, asked, hub, planned, stepsOf, untouched } from '../../../support/worlds/hub.ts';
import { select, wantPublication, wantSubscription } from '../../../support/worlds/worlds.ts';

describe('--target', () => {
  test('takes in the slot, the publication and the metadata of both nodes, and says why', () => {
    const plan = planned(asked, untouched, { target: ['one/subscription.sales'] });
    expect(plan.targeting?.takenIn).toEqual([
      { address: 'hub/metadata.steep_repl', neededBy: 'hub/publication.sales' },
      { address: 'hub/node.hub', neededBy: 'hub/metadata.steep_repl' },
      { address: 'hub/publication.sales', neededBy: 'one/subscription.sales' },
      { address: 'hub/slot.sales', neededBy: 'one/subscription.sales' },
      { address: 'one/metadata.steep_repl', neededBy: 'one/subscription.sales' },
      { address: 'one/node.one', neededBy: 'one/metadata.steep_repl' },
    ]);
    expect(plan.targeting?.leftOut.map(({ address }) => address)).toEqual([
      'hub/publication.staff',
      'hub/slot.staff',
      'two/metadata.steep_repl',
      'two/node.two',
      'two/subscription.staff',
    ]);
    expect(plan.summary).toMatchObject({ create: 7, copyTables: 1 });
  });

  test('of a publication that gets a table takes in the refresh of its reader', () => {
    const plan = planned(hub(['orders', 'refunds']), applied, {
      target: ['hub/publication.sales'],
    });
    expect(stepsOf(plan)).toEqual([
      'alter-publication hub/publication.sales',
      'refresh-subscription one/subscription.sales',
      'wait-for-copy one/subscription.sales',
    ]);
    expect(plan.targeting?.takenIn).toEqual([
      { address: 'one/subscription.sales', neededBy: 'hub/publication.sales' },
    ]);
  });

  test('of a new publication leaves out a subscription that does not exist yet', () => {
    const plan = planned(asked, untouched, { target: ['hub/publication.sales'] });
    expect(stepsOf(plan)).toContain('create-publication hub/publication.sales');
    expect(stepsOf(plan).join()).not.toContain('subscription');
  });

  test.each(['one/subscription.sales', 'hub/slot.sales', 'one/copy.sales:public.orders'])(
    'of %s is of the whole edge',
    (target) => {
      expect(stepsOf(planned(asked, untouched, { target: [target] }))).toEqual(
        expect.arrayContaining([
          'create-slot hub/slot.sales',
          'create-subscription one/subscription.sales',
          'wait-for-copy one/subscription.sales',
        ]),
      );
    },
  );

  test('of a dropped subscription takes its slot with it, and of a dropped slot its subscription', () => {
    const gone = hub(['orders'], []);
    for (const target of ['one/subscription.sales', 'hub/slot.sales']) {
      expect(stepsOf(planned(gone, applied, { prune: true, target: [target] }))).toEqual([
        'drop-subscription one/subscription.sales',
        'drop-slot hub/slot.sales',
      ]);
    }
  });

  test('of a replaced subscription is of all of the replacement', () => {
    const moved = hub(
      ['orders'],
      [wantSubscription('two', 'one', 'staff', { publications: ['other'] })],
    );
    const desired = {
      ...moved,
      publications: [
        ...moved.publications,
        wantPublication('one', 'other', { tables: [select('people')] }),
      ],
    };
    const whole = stepsOf(planned(desired, applied, {}));
    expect(whole).toContain('drop-slot hub/slot.staff');
    for (const target of ['two/subscription.staff', 'hub/slot.staff', 'one/slot.staff']) {
      expect(stepsOf(planned(desired, applied, { target: [target] }))).toEqual(whole);
    }
  });

  test('of what is as it should be plans nothing, and says what it left out', () => {
    const plan = planned(hub(['orders', 'refunds']), applied, {
      target: ['two/subscription.staff'],
    });
    expect(plan).toMatchObject({ steps: [], changes: [], applyable: true });
    expect(plan.targeting?.leftOut).toHaveLength(2);
  });
});

describe('--exclude', () => {
  test('leaves out what is named and what needs it, with the reason', () => {
    const plan = planned(asked, untouched, { exclude: ['hub/publication.sales'] });
    expect(plan.targeting?.leftOut).toEqual([
      { address: 'hub/publication.sales', needs: null },
      { address: 'hub/slot.sales', needs: 'hub/publication.sales' },
      { address: 'one/subscription.sales', needs: 'hub/publication.sales' },
    ]);
    expect(stepsOf(plan)).toContain('create-subscription two/subscription.staff');
  });

  test('of a node leaves out all that needs it', () => {
    const plan = planned(asked, untouched, { exclude: ['two/node.two'] });
    expect(new Set(plan.steps.map(({ node }) => node))).toEqual(new Set(['hub', 'one']));
    expect(stepsOf(plan)).not.toContain('create-slot hub/slot.staff');
  });

  test('wins over --target', () => {
    const plan = planned(asked, untouched, {
      target: ['one/subscription.*', 'two/subscription.*'],
      exclude: ['two/subscription.staff'],
    });
    expect(stepsOf(plan)).toContain('create-subscription one/subscription.sales');
    expect(stepsOf(plan).join()).not.toContain('staff');
  });
});
