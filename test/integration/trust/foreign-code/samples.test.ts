// An index that the owner of a table creates while a plan looks at a few of its rows: the next query is planned with it.

import { describe, expect, test } from 'vitest';
import { sampleRows } from '../../../../src/catalog/sample/sample-rows.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';
import { afterQuery, items, world } from './name-world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

const wanted = {
  address: 'target/copy.sub:app.items',
  table: items,
  columns: ['id', 'note'],
  where: null,
  binary: true,
  size: 1_000_000,
  analyzed: true,
} as never;

describe.each(widest)('PostgreSQL %i', (major) => {
  test.each(['relkind', 'EXPLAIN', 'record_send'])('after the query with %s', async (text) => {
    const it = await world(major);
    await it.own.query(`
      CREATE TABLE app.items (id int PRIMARY KEY, note text);
      INSERT INTO app.items SELECT n, repeat('x', 500) FROM generate_series(1, 2000) AS n;
      ANALYZE app.items`);
    let done = false;
    const session = afterQuery(it.session, text, async () => {
      if (done) return;
      done = true;
      await it.own
        .query(`
        SET lock_timeout = '100ms';
        CREATE INDEX planned ON app.items ((evil.one('planned') + id))`)
        .catch(() => undefined);
    });
    const limits = { budgetMs: 5000, clock: () => performance.now() };
    const samples = await sampleRows(session, [wanted], limits);
    expect(await it.marks()).toEqual([]);
    expect(done).toBe(true);
    if (text !== 'relkind') expect(samples.size).toBe(1);
  });
});
