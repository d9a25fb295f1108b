// The statements of steps on slots and subscriptions.

import type { StepKind } from '../../../src/model/step/step.ts';
import { odd, type StepCase, step } from './step-case.ts';

const subscription = 'O\'Brien "feed"';
const sub = `"O'Brien ""feed"""`;
const slotName = "it's";
const orders = { schema: 'public', name: 'orders' };

export const subscriptionCases = {
  'create-slot': [
    {
      step: step('create-slot', { slot: slotName, plugin: 'pgoutput', snapshotFor: null }),
      statements: ["SELECT pg_catalog.pg_create_logical_replication_slot('it''s', 'pgoutput')"],
      rest: { transactional: false, lockTimeoutMs: null, statementTimeoutMs: 60_000 },
    },
    {
      step: step('create-slot', {
        slot: slotName,
        plugin: 'pgoutput',
        snapshotFor: null,
        copiedFrom: {
          slot: 'anchor',
          lsn: '0/1',
          snapshotId: 'abc',
          node: 'reporting',
          subscription,
        },
        failover: true,
      }),
      statements: [
        "SELECT pg_catalog.pg_copy_logical_replication_slot('anchor', 'it''s')",
        `ALTER_REPLICATION_SLOT "it's" (FAILOVER true)`,
      ],
      rest: { transactional: false, lockTimeoutMs: null, statementTimeoutMs: null },
    },
  ],
  'try-subscription': [
    {
      step: step('try-subscription', {
        subscription,
        source: 'primary',
        publications: ['p'],
        slot: slotName,
        options: { origin: 'none' },
      }),
      statements: [
        'BEGIN',
        `CREATE SUBSCRIPTION steep_try CONNECTION '***' PUBLICATION p WITH (create_slot = false, slot_name = 'it''s', enabled = false, copy_data = false, origin = 'none')`,
        'ROLLBACK',
      ],
      rest: { transactional: false },
    },
  ],
  'truncate-tables': [
    {
      step: step('truncate-tables', {
        subscription,
        tables: [{ schema: 'public', name: odd }, orders],
        onlyIfEmpty: [orders],
      }),
      statements: [
        '-- only if public.orders holds no rows when it runs; otherwise nothing is emptied',
        'TRUNCATE TABLE public."Odd ""Name""", public.orders',
      ],
      rest: { reversible: false, lock: 'ACCESS EXCLUSIVE' },
    },
  ],
  'drop-slot': [
    {
      step: step('drop-slot', { slot: slotName }),
      statements: ["SELECT pg_catalog.pg_drop_replication_slot('it''s')"],
      rest: { transactional: false, reversible: false, lockTimeoutMs: null },
    },
  ],
  'create-subscription': [
    {
      step: step('create-subscription', {
        subscription,
        source: 'primary',
        publications: ['p', odd],
        slot: slotName,
        enabled: true,
        copyData: false,
        copied: null,
        options: {
          origin: 'none',
          binary: 'true',
        },
      }),
      statements: [
        `CREATE SUBSCRIPTION ${sub} CONNECTION '***' PUBLICATION p, "Odd ""Name""" WITH (create_slot = false, slot_name = 'it''s', enabled = true, copy_data = false, origin = 'none', "binary" = 'true')`,
      ],
    },
  ],
  'alter-subscription': [
    {
      step: step('alter-subscription', {
        subscription,
        source: 'primary',
        setConnection: true,
        options: { streaming: 'parallel' },
      }),
      statements: [
        `ALTER SUBSCRIPTION ${sub} CONNECTION '***'`,
        `ALTER SUBSCRIPTION ${sub} SET (streaming = 'parallel')`,
      ],
    },
  ],
  'set-subscription-option': [
    {
      step: step('set-subscription-option', { subscription, option: 'failover', value: 'true' }),
      statements: [`ALTER SUBSCRIPTION ${sub} SET (failover = 'true')`],
      rest: { transactional: false },
    },
  ],
  'set-publications': [
    {
      step: step('set-publications', { subscription, publications: ['p', odd] }),
      statements: [
        `ALTER SUBSCRIPTION ${sub} SET PUBLICATION p, "Odd ""Name""" WITH (refresh = false)`,
      ],
    },
  ],
  'set-slot': [
    {
      step: step('set-slot', { subscription, slot: slotName }),
      statements: [`ALTER SUBSCRIPTION ${sub} SET (slot_name = 'it''s')`],
    },
  ],
  'advance-origin': [
    {
      step: step('advance-origin', { subscription, lsn: '0/3000148' }),
      statements: [
        `SELECT pg_catalog.pg_replication_origin_advance('pg_' || s.oid, '0/3000148'::pg_lsn) FROM pg_catalog.pg_subscription AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database() AND s.subname = 'O''Brien "feed"' AND NOT s.subenabled`,
      ],
    },
  ],
  'enable-subscription': [
    {
      step: step('enable-subscription', { subscription }),
      statements: [`ALTER SUBSCRIPTION ${sub} ENABLE`],
    },
  ],
  'disable-subscription': [
    {
      step: step('disable-subscription', { subscription }),
      statements: [`ALTER SUBSCRIPTION ${sub} DISABLE`],
    },
  ],
  'refresh-subscription': [true, false].map((copyData) => ({
    step: step('refresh-subscription', { subscription, copyData }),
    statements: [`ALTER SUBSCRIPTION ${sub} REFRESH PUBLICATION WITH (copy_data = ${copyData})`],
    rest: { transactional: false, reversible: false },
  })),
  'refresh-while-empty': [false, true].map((enable) => ({
    step: step('refresh-while-empty', {
      subscription,
      source: 'eu',
      slot: 's',
      tables: [{ schema: 'public', name: odd }],
      enable,
    }),
    statements: [
      '-- with public."Odd ""Name""" locked and empty on node eu, and slot s read to the end:',
      ...(enable ? [`ALTER SUBSCRIPTION ${sub} ENABLE`] : []),
      `ALTER SUBSCRIPTION ${sub} REFRESH PUBLICATION WITH (copy_data = false)`,
      `ALTER SUBSCRIPTION ${sub} DISABLE`,
    ],
    rest: { transactional: false, lock: 'SHARE' },
  })),
  'drop-subscription': [
    {
      step: step('drop-subscription', { subscription }),
      statements: [
        `ALTER SUBSCRIPTION ${sub} DISABLE`,
        `ALTER SUBSCRIPTION ${sub} SET (slot_name = NONE)`,
        `DROP SUBSCRIPTION ${sub}`,
      ],
      rest: { reversible: false },
    },
  ],
  'verify-empty': [
    {
      step: step('verify-empty', {
        slot: 's',
        publication: 'p',
        tables: [{ schema: 'public', name: 'orders' }],
      }),
      statements: [
        '-- check that no row is in public.orders, and no change of them in slot s; otherwise drop it and stop',
      ],
      rest: { transactional: false, lockTimeoutMs: null },
    },
  ],
  'wait-for-slot': [
    {
      step: step('wait-for-slot', { slot: 's', untilSlot: null }),
      statements: ['-- wait until slot s has confirmed all WAL up to now'],
      rest: { transactional: false, lockTimeoutMs: null },
    },
    {
      step: step('wait-for-slot', { slot: 's', untilSlot: 't' }),
      statements: ['-- wait until slot s has passed the start of slot t'],
      rest: { transactional: false, lockTimeoutMs: null },
    },
  ],
  'advance-slot': [
    {
      step: step('advance-slot', {
        slot: 's',
        subscriber: 'reporting',
        subscription: 'u',
        former: ['p'],
        publications: ['q'],
      }),
      statements: [
        '-- until slot s can be read as q: let subscription u on node reporting apply what was published as p, then pg_replication_slot_advance past what was not published',
      ],
      rest: { transactional: false, reversible: false, lockTimeoutMs: null },
    },
  ],
  'wait-for-stop': [
    {
      step: step('wait-for-stop', { slot: 's' }),
      statements: ['-- wait until nobody reads slot s'],
      rest: { transactional: false, lockTimeoutMs: null },
    },
  ],
  'rename-subscription': [
    {
      step: step('rename-subscription', {
        subscription,
        to: 'news',
        fromAddress: 'n/subscription.feed',
      }),
      statements: [`ALTER SUBSCRIPTION ${sub} RENAME TO news`],
    },
  ],
  'wait-for-copy': [
    {
      step: step('wait-for-copy', { subscription: 'feed' }),
      statements: ['-- wait until every table of feed is ready'],
      rest: { transactional: false, lockTimeoutMs: null },
    },
  ],
} satisfies Partial<Record<StepKind, readonly StepCase[]>>;
