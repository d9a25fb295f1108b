// What a merge did, from psql: the same answers as steep merge audit and analyze give, and rows that are merged by hand on
// the same record.

import { Client } from 'pg';
import { expect, test } from 'vitest';
import type { MergeAnalysis, MergeAudit } from '../../../src/model/report/merge.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { consentTo, createMerge } from '../../support/worlds/merge.ts';

test('the answers of analyze and audit', async () => {
  const { us, eu, name, project } = await createMerge({
    strategy: 'last-modified',
    modified_column: 'updated_at',
    tie: 'node_a',
    tables: { customers: { strategy: 'prefer-node-a' } },
  });
  const analyzed = await project.steep('merge', 'analyze', name, '--json');
  const { tables } = JSON.parse(analyzed.stdout) as MergeAnalysis;
  const orders = tables.find(({ table }) => table === 'public.orders');
  const applied = await project.steep('apply', '--auto-approve', ...consentTo(name));
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const audited = await project.steep('merge', 'audit', name, '--json', '--out', 'lost.ndjson');
  const { run_id, tables: lost } = JSON.parse(audited.stdout) as Pick<MergeAudit, 'tables'> & {
    readonly run_id: string;
  };
  for (const [node, database] of [
    ['us', us],
    ['eu', eu],
  ] as const) {
    const summary = await database.query(
      `SELECT table_name AS table, rule, lost::int AS rows FROM steep_repl.get_merge_summary('${run_id}')`,
    );
    const ofNode = lost.filter((it) => it.node === node);
    expect(summary).toEqual(ofNode.map(({ table, rule, rows }) => ({ table, rule, rows })));
    expect(summary).toHaveLength(1);
    const inTable = orders?.losers.find((it) => it.node === node);
    expect(summary).toMatchObject([{ rule: inTable?.rule, rows: inTable?.rows }]);
    const conflicts = await database.query(
      `SELECT key->>'id' AS id, losing->>'note' AS note, winner
         FROM steep_repl.get_merge_conflicts('${run_id}', 'public.orders')`,
    );
    const written = (await project.read('lost.ndjson')).trim().split('\n');
    const entries = written.map((line) => JSON.parse(line)).filter((it) => it.node === node);
    expect(conflicts).toEqual(
      entries.map(({ key, losing, winner }) => ({ id: key.id, note: losing.note, winner })),
    );
  }
  expect(
    await us.query(`SELECT FROM steep_repl.get_merge_conflicts('${run_id}', 'public.customers')`),
  ).toEqual([]);

  const log = (run: string, losing: string): string =>
    `SELECT steep_repl.log_merge_decision('${run}', 'public.orders', '{"id": "1"}', ${losing}, 'eu')`;
  const row = '(SELECT to_jsonb(o) FROM orders AS o WHERE id = 1)';
  await us.query(`BEGIN; ${log('mine', row)}; UPDATE orders SET note = 'eu' WHERE id = 1; COMMIT`);
  expect(await us.query(`SELECT * FROM steep_repl.get_merge_summary('mine')`)).toEqual([
    { table_name: 'public.orders', rule: 'by hand', winner: 'eu', lost: '1' },
  ]);
  await expect(us.query(log('mine', 'NULL'))).rejects.toMatchObject({ code: '22023' });
  await expect(us.query(log(run_id, row))).rejects.toMatchObject({ code: '55000' });
  const status = await project.steep('merge', 'status', name, '--json');
  expect(JSON.parse(status.stdout).runs).toHaveLength(2);

  await us.query('CREATE ROLE reads_merges LOGIN');
  await us.query('GRANT USAGE ON SCHEMA steep_repl TO reads_merges');
  await us.query('GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO reads_merges');
  const client = new Client({ connectionString: urlOf(us.conninfo) });
  await client.connect();
  try {
    await client.query('SET ROLE reads_merges');
    const seen = await client.query(`SELECT FROM steep_repl.get_merge_conflicts('${run_id}')`);
    expect(seen.rows).toEqual([]);
  } finally {
    await client.query('RESET ROLE; DROP OWNED BY reads_merges; DROP ROLE reads_merges');
    await client.end();
  }
});
