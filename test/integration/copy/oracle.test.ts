// The oracle: while writers change everything, a copy and the slot that it was made at add up to the source exactly.

import { expect, test } from 'vitest';
import type { Transfer } from '../../../src/copy/fill/copy-table.ts';
import { copyOutStatement } from '../../../src/copy/read/copy-statements.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { endsByDay, majors, pairs } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import { copy, hold, names, stage, subscribe } from './copy-under-test.ts';
import { rows, schema, write } from './oracle-data.ts';

test.each(endsByDay(pairs))('%i to %i: every committed change is there once', async (from, to) => {
  const it = await stage(schema, [from, to]);
  await it.source.query(rows);
  const writer = await startWriter(it.source, write);
  const snapshot = await hold(it);
  const before = writer.written();
  await copy(it, snapshot, names('accounts', 'log', 'parts_0', 'parts_1'));
  await waitFor('a few more turns', async () => writer.written() > before + 60);
  await subscribe(it);
  await writer.stop();
  const hashes = await waitForSameRows(it.source, it.target, names('accounts', 'log', 'parts'));
  expect(hashes['public.accounts']?.rows).toBeGreaterThan(10000);
});

test.each(endsByDay(majors))(
  'PostgreSQL %i reads a chunk by a scan of its blocks',
  async (major) => {
    const database = await cluster.database(major);
    onTestFinished(() => database.drop());
    await database.query(
      'CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t SELECT n, n FROM generate_series(1, 20000) n',
    );
    const heap = {
      oid: 1,
      name: { schema: 'public', name: 't' },
      blocks: 80,
      bytes: 1,
      file: 1,
      ranges: true,
      columns: [],
    };
    const chunk = { number: 1, heap, fromBlock: 20, bytes: 1 };
    const transfer: Transfer = {
      index: 0,
      table: {
        name: heap.name,
        columns: [{ name: 'id', wire: '23', generated: false }],
        filter: 'id > 5',
        heaps: [heap],
        bytes: 1,
      },
      format: 'binary',
      dumped: false,
      encoding: null,
      chunks: [],
    };
    for (const toBlock of [40, null]) {
      const copied = copyOutStatement(transfer, { ...chunk, toBlock }).display;
      const query = /^COPY \((.*)\) TO STDOUT/.exec(copied)?.[1] ?? '';
      const plan = await database.query(`EXPLAIN ${query}`);
      expect(JSON.stringify(plan), copied).toContain('Tid Range Scan');
    }
  },
);
