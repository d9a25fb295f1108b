// steep verify while both sides are written to: every planted difference is found, and none is invented.

import { describe, expect, test } from 'vitest';
import { inProcess } from '../../support/in-process.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { createPair, onServers, waitForWrites, writeTo } from '../../support/worlds/pair.ts';
import { createVerified, verifyIn, verifyWorld } from '../../support/worlds/verified.ts';
import { startWriter, type Writer } from '../../support/worlds/writer.ts';

const oldest = majors[0] ?? newestMajor;
const runs = process.env.STEEP_TEST_NIGHTLY === undefined ? 3 : 100;

type World = Awaited<ReturnType<typeof createVerified>>;

/** Updates hot and cold rows, inserts and deletes, in every table; keys below 100 stay as they are. */
const writeOn = ({ publisher }: World): Promise<Writer> =>
  startWriter(publisher, (turn) => {
    const id = 100 + ((turn * 37) % 1900);
    if (turn % 11 === 0) return `INSERT INTO log VALUES (${turn}, 'new'), (${turn}, 'new')`;
    if (turn % 7 === 0) return `DELETE FROM accounts WHERE id = ${id}`;
    if (turn % 5 === 0)
      return `UPDATE sales SET note = 'y${turn}' WHERE id = ${id % 900} AND id > 99`;
    if (turn % 13 === 0)
      return `UPDATE sales SET region = CASE region WHEN 'eu' THEN 'us' ELSE 'eu' END WHERE id = ${100 + (turn % 100)}`;
    if (turn % 3 === 0) return `UPDATE accounts SET amount = amount + 1 WHERE id = 100`;
    return `INSERT INTO accounts VALUES (${id}, 'again ${turn}', 1) ON CONFLICT (id) DO UPDATE SET note = EXCLUDED.note`;
  });

const findings = (rows: Awaited<ReturnType<typeof verifyWorld>>['rows']) =>
  rows
    .map(({ table, finding, key, columns, rows: count }) =>
      [table, finding, JSON.stringify(key), columns.join(' '), count].join(' '),
    )
    .toSorted();

describe.each([
  [oldest, newestMajor],
  [newestMajor, newestMajor],
] as const)('from %i to %i', (publisher, subscriber) => {
  test('with writers: no false alarm, and every planted difference', async () => {
    const world = await createVerified([publisher, subscriber]);
    const writer = await writeOn(world);
    await waitForWrites(writer, 50);
    for (let run = 0; run < runs; run += 1) {
      const { report, rows } = await verifyWorld(world, { jobs: 1 + (run % 2) });
      expect(findings(rows), `run ${run}`).toEqual([]);
      expect(report, `run ${run}`).toMatchObject({ outcome: 'equal' });
      expect(report.edges[0]?.tables.map(({ table }) => table)).toEqual([
        'public.accounts',
        'public.log',
        'public.sales',
      ]);
    }
    await world.subscriber.query(`
      UPDATE accounts SET note = 'Note 1' WHERE id = 1;
      UPDATE accounts SET amount = -amount, note = NULL WHERE id = 2;
      DELETE FROM accounts WHERE id = 3;
      INSERT INTO accounts VALUES (-4, 'stray', 0);
      DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log WHERE at = 7);
      INSERT INTO log VALUES (7, 'Twin'), (7, 'Twin');
      INSERT INTO sales VALUES (-5, 'us', 'stray');
      DELETE FROM sales WHERE id = 6`);
    const { report, rows } = await verifyWorld(world);
    expect(findings(rows)).toEqual(
      [
        `public.accounts different {"id":"1"} note 1`,
        `public.accounts different {"id":"2"} amount note 1`,
        `public.accounts extra {"id":"-4"}  1`,
        `public.accounts missing {"id":"3"}  1`,
        `public.log extra null  2`,
        `public.log missing null  1`,
        `public.sales extra {"region":"us","id":"-5"}  1`,
        `public.sales missing {"region":"eu","id":"6"}  1`,
      ].toSorted(),
    );
    expect(report.outcome).toBe('different');
    expect(report.edges[0]?.tables[0]).toMatchObject({
      outcome: 'different',
      key: ['id'],
      counts: { different: 2, missing: 1, extra: 1, unsettled: 0 },
    });
    await writer.stop();
    const recorded = await world.subscriber.query(
      `SELECT table_name, outcome, rows_different::int, rows_missing::int, rows_extra::int
         FROM steep_repl.verifications WHERE address = $1 ORDER BY table_name`,
      [world.address],
    );
    expect(recorded).toEqual([
      {
        table_name: 'public.accounts',
        outcome: 'different',
        rows_different: 2,
        rows_missing: 1,
        rows_extra: 1,
      },
      {
        table_name: 'public.log',
        outcome: 'different',
        rows_different: 0,
        rows_missing: 1,
        rows_extra: 2,
      },
      {
        table_name: 'public.sales',
        outcome: 'different',
        rows_different: 0,
        rows_missing: 1,
        rows_extra: 1,
      },
    ]);
  });
});

test('what replication has not brought is not settled, and never called equal', async () => {
  const world = await createVerified([newestMajor, newestMajor]);
  await world.subscriber.query('ALTER SUBSCRIPTION "all" DISABLE');
  await world.publisher.query(`UPDATE accounts SET note = 'late' WHERE id <= 3`);
  const { report } = await verifyWorld(world, { settleMs: 300, tables: ['accounts'] });
  expect(report).toMatchObject({ outcome: 'unsettled' });
  const [table] = report.edges[0]?.tables ?? [];
  expect(table).toMatchObject({
    table: 'public.accounts',
    counts: { equal: 1997, unsettled: 3, different: 0 },
  });
  expect(table?.samples[0]?.why).toMatch(/slot slot_\w+ is .* behind/);
  // A row that another session changes all the time is not different either.
  await world.subscriber.query('ALTER SUBSCRIPTION "all" ENABLE');
});

test('--fast reads the rows of tables only whose numbers differ', async () => {
  const world = await createVerified([newestMajor, newestMajor]);
  await world.subscriber.query(
    `UPDATE accounts SET note = 'x' WHERE id = 1; DELETE FROM log WHERE at = 1`,
  );
  const { report } = await verifyWorld(world, { fast: true });
  expect(report.edges[0]?.tables).toMatchObject([
    { table: 'public.accounts', outcome: 'counted' },
    { table: 'public.log', outcome: 'different', counts: { missing: 20 } },
    { table: 'public.sales', outcome: 'counted' },
  ]);
});

test('a table that cannot be read does not count as equal; the others are compared', async () => {
  const world = await createVerified([newestMajor, newestMajor]);
  await world.subscriber.query('ALTER TABLE accounts DROP COLUMN note');
  const { report } = await verifyWorld(world);
  expect(report).toMatchObject({ outcome: 'unread' });
  expect(report.edges[0]?.tables).toMatchObject([
    { outcome: 'unread', counts: null, error: { code: 'COMPARE_COLUMNS' } },
    { outcome: 'equal' },
    { outcome: 'equal' },
  ]);
});

test('a two-way pair is equal while both sides are written to', async () => {
  const pair = await createPair(await onServers(newestMajor, newestMajor));
  const environment = { US_URL: pair.us.url, EU_URL: pair.eu.url };
  const file = pair.project.path('steep.yaml');
  await inProcess(file, environment).apply();
  const writers = [
    await writeTo(pair.us, 'accounts', 'odd'),
    await writeTo(pair.eu, 'accounts', 'even'),
  ];
  for (const writer of writers) await waitForWrites(writer, 30);
  for (let run = 0; run < runs; run += 1) {
    const { report, rows } = await verifyIn(file, environment);
    expect(findings(rows), `run ${run}`).toEqual([]);
    expect(report.outcome, JSON.stringify(report)).toBe('equal');
  }
  await Promise.all(writers.map((writer) => writer.stop()));
});

test('the command: exit codes, reports, status and drift', async () => {
  const { project, subscriber, address } = await createVerified([newestMajor, newestMajor]);
  const equal = await project.steep('verify', '--json');
  expect(JSON.parse(equal.stdout)).toMatchObject({ format_version: '1.0', outcome: 'equal' });
  expect(equal.code).toBe(0);
  await subscriber.query(`
    UPDATE accounts SET note = '=1+1' WHERE id = 1;
    INSERT INTO sales VALUES (-5, '<b>=', 'stray')`);
  const found = await project.steep(
    'verify',
    address,
    '--report=csv=rows.csv',
    '--report=junit=rows.xml',
    '--report=html=rows.html',
    '--report=json=rows.json',
    '--max-rate=1GB',
  );
  expect(found.code, found.stderr).toBe(2);
  expect(found.stdout).toMatch(/DIFFERENT +public.accounts +1999 rows equal, 1 different/);
  expect(found.stdout).toContain('different id=1 (note)');
  expect(found.stdout).toMatch(/3 tables of 1 subscription compared: 1 equal, 2 different in /);
  expect((await project.read('rows.csv')).split('\n').slice(0, 2)).toEqual([
    'address,table,finding,rows,key,columns,why',
    `${address},public.accounts,different,1,"{""id"":""1""}",note,`,
  ]);
  expect(await project.read('rows.xml')).toContain('failures="2"');
  expect(await project.read('rows.html')).toContain('&lt;b&gt;=');
  expect(JSON.parse(await project.read('rows.json'))).toMatchObject({ outcome: 'different' });
  const status = await project.steep('status');
  expect(status.stdout).toMatch(
    /Rows compared by steep verify\n {2}subscriber\/subscription.all {2}1 of 3 tables equal, 2 DIFFERENT/,
  );
  const drift = await project.steep('drift', '--class', 'data', '--json');
  expect(drift.code).toBe(2);
  expect(JSON.parse(drift.stdout).findings).toMatchObject([
    { class: 'data', code: 'ROWS_DIFFER', address: 'subscriber/table.public.accounts' },
    { code: 'ROWS_DIFFER', address: 'subscriber/table.public.sales' },
  ]);
  expect(status.stdout).toContain('Overall: BROKEN');
  const again = ['accounts', 'sales'].map(
    (name) => `--reinit=subscriber/copy."all":public.${name}`,
  );
  const consent = ['--auto-approve', `--allow-hazard=TARGET_TRUNCATE=${address}`];
  const copied = await project.steep('apply', ...again, ...consent);
  expect(copied.code, copied.stdout + copied.stderr).toBe(0);
  expect((await project.steep('status')).stdout).toContain('Overall: ok');
  const unknown = await project.steep('verify', 'subscriber/subscription.nothing');
  expect(unknown.code).toBe(64);
  expect(unknown.stderr).toContain(address);
});

test('a table that no subscription brings is named, and nothing is called equal', async () => {
  const { project } = await createVerified([newestMajor, newestMajor]);
  const verified = await project.steep('verify', '--tables', 'accounts,nowhere.absent');
  expect(verified.code, verified.stdout).toBe(64);
  expect(verified.stderr).toContain('nowhere.absent');
  expect(verified.stderr).not.toContain('accounts,');
  const leaf = await project.steep('repair', 'subscriber/subscription.all', '--tables', 'absent');
  expect(leaf.code, leaf.stdout).toBe(64);
  expect(leaf.stderr).toContain('public.absent');
});
