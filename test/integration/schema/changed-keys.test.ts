// A primary key that changes on the publisher while the subscriber still has to apply what was sent with the former one.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { firstByDay } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { installed, rowsWorld } from '../rows/rows-world.ts';

const pairs = firstByDay(
  installed([
    [14, 18],
    [18, 14],
  ]),
);

const keys = [
  ['gets a column', '(id)', '(id, part)'],
  ['loses a column', '(id, part)', '(id)'],
] as const;

test.each(pairs.flatMap((pair) => keys.map((it) => [pair, ...it] as const)))(
  '%s: a key that %s',
  async (pair, _, before, after) => {
    const world = await rowsWorld({
      pair,
      tables: `CREATE TABLE held (id int PRIMARY KEY, note text);
        CREATE TABLE t (id int, part int NOT NULL, note text, PRIMARY KEY ${before})`,
      rows: `INSERT INTO held VALUES (1, 'a'); INSERT INTO t SELECT n, n % 3, 'a' FROM generate_series(1, 20) n`,
      publication: { tables: ['held', 't'] },
      subscription: { schema_sync: 'auto' },
    });
    const { publisher, subscriber, project } = world;
    await world.steep(0, 'apply', '--auto-approve');
    // The worker waits in the middle of a transaction that goes to t afterwards.
    const lock = await holdTransaction(subscriber, 'UPDATE held SET note = note');
    await publisher.query(`BEGIN; UPDATE held SET note = 'b'; UPDATE t SET note = 'b'; COMMIT`);
    await waitFor('the worker to wait', async () => {
      const waiting = await subscriber.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND backend_type LIKE 'logical replication%' AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });
    await publisher.query(`ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY ${after}`);
    await publisher.query(`UPDATE t SET note = note || 'c'`);
    const run = project.start('apply', '--auto-approve', '--json');
    const widens = before.length < after.length;
    const kind = widens ? 'wait-for-slot' : 'change-schema';
    await run.until((event) => event.event === 'run.step_started' && event.kind === kind);
    await lock.commit();
    const { code, stdout, stderr } = await run.result;
    expect(code, stdout + stderr).toBe(0);
    await waitForSameRows(publisher, subscriber, [{ schema: 'public', name: 't' }]);
    expect(await world.steep(0, 'plan')).toMatch(/^No changes\. /m);
  },
);
