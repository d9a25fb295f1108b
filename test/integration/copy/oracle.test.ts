// The oracle: while writers change everything, a copy and the slot that it was made at add up to the source exactly.

import { expect, onTestFinished, test } from 'vitest';
import { copyOutStatement } from '../../../src/copy/copy-statements.ts';
import type { Transfer } from '../../../src/copy/copy-table.ts';
import { cluster } from '../../support/cluster.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { majors, pairs } from '../../support/majors.ts';
import { waitFor } from '../../support/wait.ts';
import { startWriter } from '../../support/writer.ts';
import { copy, hold, names, stage, subscribe } from './copy-under-test.ts';

const schema = `
  CREATE TABLE accounts (id int PRIMARY KEY, balance int, note text);
  CREATE INDEX ON accounts (balance);
  CREATE TABLE log (id bigserial PRIMARY KEY, account int, body text);
  CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY HASH (id);
  CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;

const rows = `
  INSERT INTO accounts SELECT n, n, repeat('a', 60) FROM generate_series(1, 20000) n;
  INSERT INTO log (account, body) SELECT n, repeat('l', 60) FROM generate_series(1, 10000) n;
  INSERT INTO parts SELECT n, repeat('p', 60) FROM generate_series(1, 10000) n;`;

/** Inserts, updates, deletes, changes of keys and of partitions, and TRUNCATE. */
const write = (turn: number): string => {
  const id = 1 + ((turn * 7919) % 20000);
  const statements = [
    `INSERT INTO accounts VALUES (${100000 + turn}, ${turn}, 'new'); INSERT INTO log (account, body) VALUES (${turn}, 'new')`,
    `UPDATE accounts SET balance = balance + 1, note = repeat('u', ${turn % 500}) WHERE id BETWEEN ${id} AND ${id + 20}`,
    `DELETE FROM accounts WHERE id = ${id}; DELETE FROM parts WHERE id = ${id}`,
    `UPDATE accounts SET id = id + 1000000 WHERE id = ${id + 1}; UPDATE parts SET id = id + 100001 WHERE id = ${id + 1}`,
    `UPDATE parts SET note = 'turned' WHERE id BETWEEN ${id} AND ${id + 5}; INSERT INTO parts VALUES (${200000 + turn}, 'new')`,
    turn % 60 === 5 ? 'TRUNCATE log' : `INSERT INTO log (account, body) VALUES (${turn}, 'again')`,
  ];
  return statements[turn % statements.length] ?? '';
};

test.each(pairs)('%i to %i: every committed change is there once', async (from, to) => {
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

test.each(majors)('PostgreSQL %i reads a chunk by a scan of its blocks', async (major) => {
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
    encoding: null,
    chunks: [],
  };
  for (const toBlock of [40, null]) {
    const copied = copyOutStatement(transfer, { ...chunk, toBlock }).display;
    const query = /^COPY \((.*)\) TO STDOUT/.exec(copied)?.[1] ?? '';
    const plan = await database.query(`EXPLAIN ${query}`);
    expect(JSON.stringify(plan), copied).toContain('Tid Range Scan');
  }
});
