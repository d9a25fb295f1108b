// Who is waited for, in words.

import { expect, test } from 'vitest';
import { describeTransaction } from '../../../src/model/open-transaction.ts';

const writer = { pid: 7, application: 'psql', database: 'app', state: 'active', ageSeconds: 3 };

test.each([
  [writer, 'pid 7 (psql, database app, active) for 3 s'],
  [
    { ...writer, application: '', state: 'unknown', ageSeconds: null },
    'pid 7 (no application name, database app, unknown) for a time that only pg_read_all_stats shows',
  ],
])('%o', (it, words) => {
  expect(describeTransaction(it)).toBe(words);
});
