// What becomes of a value where the subscriber's column has another type is what diff says of the types.

import { expect, test } from 'vitest';
import {
  compareDefinitions,
  worstEffect,
} from '../../../src/planner/schema/compare-definitions.ts';
import { definitionsIn } from '../../support/plans/schema-reading.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { subscribe } from './subscribe.ts';

/** A value of the first type, and what it is as one of the second; null: apply stops. */
const conversions: readonly (readonly [
  from: string,
  to: string,
  value: string,
  stored: string | null,
])[] = [
  ['numeric(10,4)', 'numeric(8,2)', '1.2345', '1.23'],
  ['numeric(10,4)', 'numeric(7,2)', '123456', null],
  ['numeric(10,4)', 'integer', '1.5', null],
  ['numeric(20,2)', 'double precision', '123456789012345678.25', '1.2345678901234568e+17'],
  ['bigint', 'double precision', '9007199254740993', '9.007199254740992e+15'],
  ['integer', 'real', '123456789', '1.2345679e+08'],
  ['integer', 'bigint', '7', '7'],
  ['double precision', 'real', '1e300', null],
  ['timestamp', 'timestamp(0)', '2026-01-01 00:00:00.7', '2026-01-01 00:00:01'],
  ['time(3)', 'time(1)', '10:00:00.125', '10:00:00.1'],
  ['interval', 'interval(0)', '1.7 s', '00:00:02'],
  ['timestamptz', 'timestamp', '2026-01-01 10:00:00+02', '2026-01-01 08:00:00'],
  ['timestamp', 'timestamptz', '2026-01-01 10:00:00', '2026-01-01 10:00:00+00'],
  ['timestamp', 'date', '2026-01-01 10:00:00', '2026-01-01'],
  ['date', 'timestamp', '2026-01-01', '2026-01-01 00:00:00'],
  ['json', 'jsonb', '{"b": 1, "a": 1, "a": 2}', '{"a": 2, "b": 1}'],
  ['varchar(3)', 'char(5)', 'ab', 'ab   '],
  ['varchar(5)', 'char(3)', 'abcde', null],
  ['varchar(5)', 'text', 'ab', 'ab'],
  ['text', 'varchar(2)', 'abc', null],
];

test.each(conversions)('%s in a column of type %s', async (from, to, value, stored) => {
  const [publisher, subscriber] = [
    await cluster.database(newestMajor),
    await cluster.database(newestMajor),
  ];
  await publisher.query(`CREATE TABLE t (id int PRIMARY KEY, a ${from})`);
  await subscriber.query(`CREATE TABLE t (id int PRIMARY KEY, a ${to})`);
  const [published, own] = [await definitionsIn(publisher), await definitionsIn(subscriber)];
  const effect = worstEffect(compareDefinitions(published[0] ?? null, own[0] ?? null));
  await subscribe(publisher, subscriber);
  await publisher.query(`INSERT INTO t VALUES (1, '${value}')`);
  const found = await waitFor('a row, or the end of apply', async () => {
    const [state] = await subscriber.query<{ readonly on: boolean; readonly value: string | null }>(
      `SELECT s.subenabled AS on, (SELECT format('%s', CASE WHEN pg_typeof(t.a) = 'bpchar'::regtype
                                                        THEN rpad(t.a::text, 5) ELSE t.a::text END) FROM t) AS value
         FROM pg_subscription AS s WHERE s.subname = $1`,
      [publisher.name],
    );
    if (state === undefined) return false;
    return state.value ?? (state.on ? false : 'stops');
  });
  expect(found).toBe(stored ?? 'stops');
  const isSame = stored === value || (from === 'date' && to === 'timestamp');
  expect(effect).toBe(stored === null ? 'stops' : isSame ? 'harmless' : 'silent');
  await Promise.all([subscriber.drop(), publisher.drop()]);
});
