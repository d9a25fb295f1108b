// Every attribute of a subscription that ALTER SUBSCRIPTION can change, on every major: in place, while rows
// are written, with the slot where it was. And the one that it cannot: two_phase before 18.

import { beforeAll, describe, expect, test } from 'vitest';
import type { StepKind } from '../../../src/model/step/step.ts';
import { featuresOf } from '../../../src/postgres/versions.ts';
import { endsByDay, majors } from '../../support/servers/majors.ts';
import type { Topology } from '../../support/worlds/project.ts';
import {
  changeWhileWriting,
  createPair,
  expectAllArrives,
  expectNotBehind,
  type Pair,
  slotOf,
} from './replicating-pair.ts';

interface Attribute {
  readonly attribute: string;
  /** What the subscription is changed to, beside the changes before. */
  readonly subscription?: object;
  /** Added to the URL by which others reach the publisher. */
  readonly reached?: string;
  readonly steps: readonly StepKind[];
  /** What pg_subscription says afterwards. */
  readonly catalog: readonly [column: string, expected: unknown];
}

const attributes: readonly Attribute[] = [
  {
    attribute: 'connection',
    reached: '?connect_timeout=7',
    steps: ['try-subscription', 'alter-subscription'],
    catalog: ['substring(subconninfo from $$connect_timeout=\\d+$$)', 'connect_timeout=7'],
  },
  {
    attribute: 'a publication more',
    subscription: { publications: ['p', 'q'] },
    steps: ['wait-for-slot', 'set-publications', 'refresh-subscription', 'wait-for-copy'],
    catalog: ['subpublications::text', '{p,q}'],
  },
  {
    attribute: 'a publication less',
    subscription: { publications: ['p'] },
    steps: ['set-publications', 'refresh-subscription'],
    catalog: ['subpublications::text', '{p}'],
  },
  {
    attribute: 'enabled: false',
    subscription: { enabled: false },
    steps: ['disable-subscription'],
    catalog: ['subenabled', false],
  },
  {
    attribute: 'enabled: true',
    subscription: { enabled: true },
    steps: ['enable-subscription'],
    catalog: ['subenabled', true],
  },
];

/** A value that is not the default of any major, and what the catalog makes of it. */
const options: Readonly<
  Record<string, readonly [value: string | boolean, column: string, shown: string]>
> = {
  binary: [true, 'subbinary::text', 'true'],
  streaming: ['on', "replace(substream::text, 'true', 't')", 't'],
  synchronous_commit: ['local', 'subsynccommit', 'local'],
  two_phase: [true, "replace(subtwophasestate, 'p', 'e')", 'e'],
  disable_on_error: [true, 'subdisableonerr::text', 'true'],
  password_required: [false, 'subpasswordrequired::text', 'false'],
  run_as_owner: [true, 'subrunasowner::text', 'true'],
  origin: ['none', 'suborigin', 'none'],
  failover: [true, 'subfailover::text', 'true'],
};

const stepsOf: Readonly<Record<'online' | 'disabled', readonly StepKind[]>> = {
  online: ['alter-subscription'],
  disabled: ['disable-subscription', 'set-subscription-option', 'enable-subscription'],
};

/** All options that this major can alter, there and back. */
const optionsOf = (major: number): readonly Attribute[] =>
  featuresOf(major * 10_000).subscriptionOptions.flatMap(({ name, default: usual, alter }) => {
    const [value, column, shown] = options[name] ?? [];
    if (value === undefined || column === undefined) throw new Error(`no value for ${name}`);
    if (alter === 'never') return [];
    const changed = { steps: stepsOf[alter], catalog: [column, shown] as const };
    const set = { attribute: `${name}: ${value}`, subscription: { options: { [name]: value } } };
    const back = { attribute: `${name}: ${usual}`, subscription: { options: { [name]: usual } } };
    const other = { steps: stepsOf[alter], catalog: ['subname', 's'] as const };
    return [
      { ...set, ...changed },
      { ...back, ...other },
    ];
  });

/** What the file says of the subscription and of its source. */
interface Wanted {
  readonly subscription: object;
  readonly reached: string;
}

const topology = (slot: string, { subscription, reached }: Wanted): Topology => ({
  nodes: { publisher: { replication_connection: `\${PUBLISHER_URL}${reached}` } },
  publications: {
    p: { node: 'publisher', tables: ['beacon', 'items'] },
    q: { node: 'publisher', tables: ['other'] },
  },
  subscriptions: {
    s: { node: 'subscriber', source: 'publisher', publications: ['p'], slot, ...subscription },
  },
});

describe.each(endsByDay(majors))('PostgreSQL %i alters a subscription in place', (major) => {
  let pair: Pair;
  let wanted: Wanted = { subscription: {}, reached: '' };
  beforeAll(async () => {
    pair = await createPair(major, (slot) => topology(slot, wanted));
  });

  test.each([...attributes, ...optionsOf(major)])(
    '$attribute',
    async ({ subscription = {}, reached = wanted.reached, steps, catalog: [column, expected] }) => {
      wanted = { subscription: { ...wanted.subscription, ...subscription }, reached };
      const { plan, before } = await changeWhileWriting(pair, topology(pair.slot, wanted));
      expect(plan.steps.map(({ kind }) => kind)).toEqual(steps);
      expect(await pair.subscriber.query(catalogQuery(column))).toEqual([{ found: expected }]);
      expect((await pair.steep.plan()).changes).toEqual([]);
      const enabled = !('enabled' in subscription) || subscription.enabled === true;
      if (enabled) await expectAllArrives(pair);
      const after = await slotOf(pair);
      expect(after.slot).toBe(before.slot);
      if (enabled) expect(after.active).toBe(true);
      expectNotBehind(before, after);
    },
  );

  test('slot: the new one starts where the old one is left', async () => {
    const slot = `${pair.slot}_2`;
    wanted = { ...wanted, subscription: { ...wanted.subscription, slot } };
    const { plan, before } = await changeWhileWriting(pair, topology(slot, wanted));
    expect(plan.steps.map(({ kind }) => kind)).toEqual([
      'create-slot',
      'wait-for-slot',
      'disable-subscription',
      'set-slot',
      'enable-subscription',
    ]);
    const { steps, changes } = await pair.steep.plan();
    expect(steps).toEqual([]);
    expect(changes).toMatchObject([{ action: 'left', address: `publisher/slot.${pair.slot}` }]);
    await expectAllArrives(pair);
    const after = await slotOf(pair);
    expect(after).toMatchObject({ slot, active: true });
    expectNotBehind(before, after);
  });

  test.runIf(featuresOf(major * 10_000).subscriptionOptions.some(({ alter }) => alter === 'never'))(
    'but two_phase before 18 is a replacement, and says why',
    async () => {
      const options = { two_phase: true };
      const subscription = { ...wanted.subscription, options };
      await pair.project.describe(topology(pair.slot, { ...wanted, subscription }));
      const { changes, steps, observed } = await pair.steep.plan();
      const address = 'subscriber/subscription.s';
      expect(changes.find((change) => change.address === address)?.action).toBe('replace');
      expect(steps.map(({ kind }) => kind)).toEqual([
        'try-subscription',
        'disable-subscription',
        'drop-slot',
        'drop-subscription',
        'create-slot',
        'copy-tables',
        'create-subscription',
      ]);
      const drop = steps.find(({ kind }) => kind === 'drop-subscription');
      expect(drop?.hazards).toContainEqual(
        expect.objectContaining({ code: 'SUBSCRIPTION_REPLACE', severity: 'danger' }),
      );
      expect(observed.hazards[`SUBSCRIPTION_REPLACE ${address}`]).toMatch(
        new RegExp(`PostgreSQL ${major}\\.\\d+ has no ALTER for two_phase`),
      );
    },
  );
});

const catalogQuery = (column: string): string =>
  `SELECT ${column} AS found FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
    WHERE d.datname = current_database()`;
