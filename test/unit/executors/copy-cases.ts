// What steps say that copy, or look after copies, instead of statements.

import type { StepKind } from '../../../src/model/step/step.ts';
import { odd, type StepCase, step } from './step-case.ts';

const subscription = 'O\'Brien "feed"';
const _sub = `"O'Brien ""feed"""`;
const slotName = "it's";
const orders = { schema: 'public', name: 'orders' };

export const copyCases = {
  'copy-tables': [
    {
      step: step('copy-tables', {
        subscription,
        source: 'primary',
        slot: slotName,
        publications: ['p'],
        tables: [orders],
        workers: 4,
      }),
      statements: ["-- copy at the snapshot of slot it's, with 4 workers: public.orders"],
      rest: { transactional: false, lockTimeoutMs: null },
    },
    {
      step: step('copy-tables', {
        subscription,
        source: 'primary',
        slot: slotName,
        publications: ['p'],
        tables: [orders],
        workers: 4,
        unchecked: true,
      }),
      statements: [
        "-- copy at the snapshot of slot it's, with 4 workers: public.orders; without checking the rows at the end",
      ],
      rest: { transactional: false, lockTimeoutMs: null },
    },
  ],
  'load-snapshot': [
    {
      step: step('load-snapshot', {
        subscription: { name: subscription, source: 'primary', slot: slotName, lsn: '0/1' },
        snapshotId: 'abc',
        manifestSha256: '0'.repeat(64),
        location: 's3://backups/sales',
        tables: [orders],
        workers: 4,
        rows: 1,
        bytes: 8192,
      }),
      statements: ['-- load snapshot abc from s3://backups/sales, with 4 workers: public.orders'],
      rest: { transactional: false, lockTimeoutMs: null },
    },
    {
      step: step('load-snapshot', {
        subscription: null,
        snapshotId: 'abc',
        manifestSha256: '0'.repeat(64),
        location: 's3://backups/sales',
        tables: [orders],
        workers: 4,
        rows: 1,
        bytes: 8192,
        changed: [orders],
        unchecked: true,
      }),
      statements: [
        '-- empty the tables that others have changed since then: public.orders\n-- load snapshot abc from s3://backups/sales, with 4 workers: public.orders\n-- do not check the rows at the end',
      ],
      rest: { transactional: false, lockTimeoutMs: null },
    },
  ],
  'settle-copy': [
    {
      step: step('settle-copy', {
        subscription,
        part: null,
        finished: [orders],
        unfinished: [{ schema: 'public', name: odd }],
      }),
      statements: [
        '-- keep the tables that the interrupted copy has finished: public.orders\n-- empty the tables that it has not finished: public."Odd ""Name"""\n-- create every index and constraint that it deferred\n-- check that the kept tables have exactly the rows of the copy',
      ],
      rest: { transactional: false, reversible: false, lockTimeoutMs: null },
    },
    {
      step: step('settle-copy', {
        subscription,
        part: null,
        finished: [orders],
        unfinished: [{ schema: 'public', name: odd }],
        changed: [{ schema: 'public', name: odd }],
        unchecked: true,
      }),
      statements: [
        '-- keep the tables that the interrupted copy has finished: public.orders\n-- empty the tables that it has not finished: public."Odd ""Name"""\n-- of these, changed by others since then: public."Odd ""Name"""\n-- create every index and constraint that it deferred\n-- do not check the rows of the kept tables',
      ],
      rest: { transactional: false, reversible: false, lockTimeoutMs: null },
    },
  ],
  'undo-copy': [
    {
      step: step('undo-copy', { subscription, tables: [orders] }),
      statements: [
        '-- empty the tables that the interrupted copy has filled, and create the indexes and constraints that it deferred: public.orders',
      ],
      rest: { transactional: false, reversible: false, lockTimeoutMs: null },
    },
  ],
  'merge-pair': [
    {
      step: step('merge-pair', {
        pair: 'us_eu',
        first: 'us',
        forth: { subscription: 'forth', slot: 'forth', publication: 'forth' },
        back: { subscription: 'back', slot: 'back', publication: 'back' },
        tables: [
          {
            table: { schema: 'public', name: 'orders' },
            strategy: 'last-modified',
            modifiedColumn: 'at',
            tie: 'b',
            overwrittenFirst: 3,
            overwrittenSecond: 4,
          },
        ],
        decisions: { path: 'decisions.ndjson', sha256: 'ab12' },
        maxLockMs: 600_000,
      }),
      statements: [
        [
          '-- with public.orders locked in EXCLUSIVE mode on nodes us and n, at most 10m00s:',
          '-- decide what has changed since they were compared, write rows with a replication origin, check them, and commit on both',
          '-- public.orders: last-modified; at most 3 rows of us and 4 of n are overwritten',
          '-- manual: as decisions.ndjson says (sha256:ab12)',
        ].join('\n'),
      ],
      rest: { transactional: false, reversible: false, lock: 'EXCLUSIVE' },
    },
  ],
  'advance-sequences': [
    {
      step: step('advance-sequences', {
        subscription: 'feed',
        source: 'p',
        tables: [{ schema: 'public', name: 'orders' }],
      }),
      statements: [
        '-- setval: bring the sequences of public.orders as far as they are on node p, and none of them back',
      ],
      rest: { transactional: false, lockTimeoutMs: null },
    },
  ],
} satisfies Partial<Record<StepKind, readonly StepCase[]>>;
