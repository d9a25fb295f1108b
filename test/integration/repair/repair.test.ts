// steep repair while the publisher is written to: what differs is brought in line, what loses is kept.

import { describe, expect, test } from 'vitest';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { waitForWrites } from '../../support/worlds/pair.ts';
import { repairIn } from '../../support/worlds/repaired.ts';
import { createVerified, environmentOf, verifyWorld } from '../../support/worlds/verified.ts';
import { startWriter } from '../../support/worlds/writer.ts';

const oldest = majors[0] ?? newestMajor;

type World = Awaited<ReturnType<typeof createVerified>>;

const repairWorld = (
  { project, publisher, subscriber, address }: World,
  request: Parameters<typeof repairIn>[3] = {},
) => repairIn(project.path('steep.yaml'), environmentOf(publisher, subscriber), address, request);

/** One of each kind in each table. */
const damage = `
  UPDATE accounts SET note = 'a "quoted", \\ (note)', amount = NULL WHERE id IN (1, 100, 107);
  UPDATE accounts SET amount = -amount WHERE id = 2;
  DELETE FROM accounts WHERE id = 3 OR id BETWEEN 300 AND 350;
  INSERT INTO accounts VALUES (-4, NULL, 0), (-5, '', 0);
  DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log WHERE at = 7);
  INSERT INTO log VALUES (7, 'Twin'), (7, 'Twin'), (8, 'twin'), (NULL, NULL);
  INSERT INTO sales VALUES (-5, 'us', 'stray');
  UPDATE sales SET note = 'y' WHERE id = 8;
  DELETE FROM sales WHERE id = 6`;

describe.each([
  [oldest, newestMajor],
  [newestMajor, oldest],
] as const)('from %i to %i', (publisher, subscriber) => {
  test('under a writer every kind of difference ends, and nothing else changes', async () => {
    const world = await createVerified([publisher, subscriber]);
    const writer = await startWriter(world.publisher, (turn) => {
      const id = 100 + ((turn * 37) % 1900);
      if (turn % 11 === 0) return `INSERT INTO log VALUES (${turn}, 'new'), (${turn}, 'new')`;
      if (turn % 7 === 0) return `DELETE FROM accounts WHERE id = ${id}`;
      if (turn % 3 === 0) return `UPDATE accounts SET amount = amount + 1 WHERE id IN (100, 107)`;
      return `INSERT INTO accounts VALUES (${id}, 'again ${turn}', 1) ON CONFLICT (id) DO UPDATE SET note = EXCLUDED.note`;
    });
    await waitForWrites(writer, 20);
    await world.subscriber.query(damage);
    const report = await repairWorld(world);
    expect(report, JSON.stringify(report, null, 1)).toMatchObject({ outcome: 'repaired' });
    await writer.stop();
    const { report: verified, rows } = await verifyWorld(world);
    expect(rows).toEqual([]);
    expect(verified.outcome).toBe('equal');
    const [log] = report.tables.filter(({ table }) => table === 'public.log');
    expect(log).toMatchObject({ overwritten: 0, deleted: 4, left: 0 });
    const kept = await world.subscriber.query(
      `SELECT table_name, key, losing, winner, rule FROM steep_repl.merge_audit_log
        WHERE run_id = $1 AND (key->>'id' IN ('1', '-4', '-5') OR losing = '{"at": "7", "note": "Twin"}')
        ORDER BY table_name, key->>'id', losing->>'note'`,
      [report.runId],
    );
    expect(kept).toEqual([
      {
        table_name: 'public.accounts',
        key: { id: '-4' },
        losing: { id: '-4', note: null, amount: '0.00' },
        winner: 'publisher',
        rule: 'repair deletes',
      },
      expect.objectContaining({
        key: { id: '-5' },
        losing: { id: '-5', note: '', amount: '0.00' },
      }),
      expect.objectContaining({
        losing: { id: '1', note: 'a "quoted", \\ (note)', amount: null },
        rule: 'repair overwrites',
      }),
      expect.objectContaining({ table_name: 'public.log', key: null }),
      expect.objectContaining({ table_name: 'public.log', key: null }),
      expect.objectContaining({ table_name: 'public.sales', key: { id: '-5', region: 'us' } }),
    ]);
    const [run] = await world.subscriber.query(
      `SELECT state, deleted::int >= 7 AS counted FROM steep_repl.merge_runs WHERE run_id = $1`,
      [report.runId],
    );
    expect(run).toEqual({ state: 'completed', counted: true });
    // Again: there is nothing to do.
    expect(await repairWorld(world)).toMatchObject({ outcome: 'nothing-to-do', runId: null });
  });
});

test('a row without a key that is changed before it is written is left, and the same command repairs it', async () => {
  const world = await createVerified([oldest, newestMajor]);
  await world.subscriber.query(`
    DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log WHERE at = 7);
    INSERT INTO accounts VALUES (-4, NULL, 0)`);
  const changed = await repairWorld(world, {
    approve: async (hazards) => {
      await world.publisher.query(`UPDATE log SET note = 'other' WHERE at = 7`);
      return { approved: true, allowed: hazards };
    },
  });
  expect(changed, JSON.stringify(changed, null, 1)).toMatchObject({ outcome: 'partial' });
  const [log] = changed.tables.filter(({ table }) => table === 'public.log');
  expect(log).toMatchObject({ inserted: 0, left: 1 });
  expect(log?.why).toContain('the same command repairs them');
  expect(await repairWorld(world)).toMatchObject({ outcome: 'repaired' });
  expect((await verifyWorld(world)).report.outcome).toBe('equal');
});
