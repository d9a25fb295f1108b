// A table is read in ranges of blocks by several sessions: every row once, also of partitions of different lengths.

import { expect, test } from 'vitest';
import { differencesOf } from '../../support/differences.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';

const block = 8192;

test.each([
  ['plain', ''],
  ['parts', 'PARTITION BY RANGE (id)'],
])('%s', async (name, partitioned) => {
  const databases = [
    await cluster.database(majors[0] ?? newestMajor),
    await cluster.database(newestMajor),
  ] as const;
  const [first, second] = databases;
  for (const [side, database] of databases.entries()) {
    await database.query(`CREATE TABLE ${name} (id int PRIMARY KEY, note text) ${partitioned}`);
    if (partitioned !== '') {
      await database.query(`
        CREATE TABLE few PARTITION OF parts FOR VALUES FROM (0) TO (100);
        CREATE TABLE many PARTITION OF parts FOR VALUES FROM (100) TO (10000);
        CREATE TABLE none PARTITION OF parts DEFAULT`);
    }
    // Other places on the second one, and blocks without rows.
    const order = side === 0 ? 'n' : '-n';
    await database.query(
      `INSERT INTO ${name} SELECT n, repeat('x', 200) FROM generate_series(1, 3000) AS n ORDER BY ${order}`,
    );
    if (side === 1) await database.query(`DELETE FROM ${name} WHERE id BETWEEN 1001 AND 1500`);
  }
  await second.query(`UPDATE ${name} SET note = 'y' WHERE id IN (1, 99, 100, 3000)`);
  for (const [blocks, jobs] of [
    [1, 3],
    [7, 2],
    [1000, 1],
  ] as const) {
    const found = await differencesOf(
      first,
      second,
      { name, columns: ['id', 'note'] },
      { jobs, rangeBytes: blocks * block },
    );
    expect(found, `${blocks} blocks`).toMatchObject({
      rowsA: 3000,
      rowsB: 2500,
      different: 4,
      onlyA: 500,
      onlyB: 0,
      equal: 2496,
    });
  }
});
