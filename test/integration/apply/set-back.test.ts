// A publisher that was set back to an earlier state of itself: its subscriber has already applied what its WAL does not hold.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, type Edge, items } from '../../support/worlds/edge.ts';

interface Status {
  readonly edges: readonly {
    readonly lag_bytes: number | null;
    readonly verdict: { readonly health: string; readonly reason: string };
  }[];
}

/** Of the subscription, which is disabled for it. */
const setOrigin = async ({ publisher, subscriber }: Edge, lsn: string): Promise<void> => {
  await subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await waitFor('the worker to end', async () => {
    const [row] = await subscriber.query(
      `SELECT FROM pg_stat_subscription
         WHERE subid IN (SELECT s.oid FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE datname = current_database()) AND pid IS NOT NULL`,
    );
    return row === undefined;
  });
  await waitFor('the slot to be free', async () => {
    const rows = await publisher.query(
      `SELECT FROM pg_replication_slots WHERE database = current_database() AND active`,
    );
    return rows.length === 0;
  });
  await subscriber.query(
    `SELECT pg_replication_origin_advance('pg_' || s.oid, '${lsn}') FROM pg_subscription AS s
       JOIN pg_database AS d ON d.oid = s.subdbid WHERE datname = current_database()`,
  );
};

test.each(lastByDay([...new Set([Math.min(...majors), newestMajor])]))(
  '%i: a slot that is ahead of the WAL is broken, and a new copy cures it',
  async (major) => {
    const edge = await createEdge({ publisher: await cluster.server(major) });
    const { publisher, subscriber, project } = edge;
    const first = await project.steep('apply', '--auto-approve');
    expect(first.code, first.stdout + first.stderr).toBe(0);

    // To the publisher it is the same whether its WAL went back, or its subscriber ahead.
    const [ahead] = await publisher.query<{ readonly lsn: string }>(
      `SELECT ('0/0'::pg_lsn + (pg_current_wal_lsn() - '0/0'::pg_lsn) + 1e12::numeric)::text AS lsn`,
    );
    await setOrigin(edge, ahead?.lsn ?? '');
    await subscriber.query('ALTER SUBSCRIPTION items ENABLE');
    await publisher.query(`INSERT INTO items VALUES (0, 'never sent')`);
    const broken = await waitFor('the slot to be ahead', async () => {
      const { stdout } = await project.steep('status', '--json');
      const [found] = (JSON.parse(stdout) as Status).edges;
      return found !== undefined && (found.lag_bytes ?? 0) < 0 ? found : null;
    });
    expect(broken.verdict).toMatchObject({
      health: 'broken',
      reason: expect.stringContaining('was restored to an earlier state') as unknown,
    });

    const during = await project.steep('apply', '--auto-approve', '--converge-timeout', '1s');
    expect(during.code, during.stdout + during.stderr).toBe(8);

    // It stays on record when the WAL has passed the slot, and nothing else tells any more.
    expect(await subscriber.query(`SELECT state::text FROM steep_repl.subscriptions_init`)).toEqual(
      [{ state: 'diverged' }],
    );

    const reinit = ['--reinit', 'subscriber/subscription.items'];
    const { stdout } = await project.steep('plan', ...reinit);
    const consent = [...stdout.matchAll(/--allow-hazard (\S+)/g)].map(([, it = '']) => it);
    const allowed = consent.flatMap((it) => ['--allow-hazard', it]);
    const again = await project.steep('apply', ...reinit, ...allowed, '--auto-approve');
    expect(again.code, again.stdout + again.stderr).toBe(0);
    await waitForSameRows(publisher, subscriber, [items]);
  },
);

/** To the publisher it is the same whether its WAL went back, or its subscriber ahead: by a few segments of WAL here. */
const setBack = async (edge: Edge): Promise<void> => {
  const { publisher, subscriber } = edge;
  const [ahead] = await publisher.query<{ readonly lsn: string }>(
    `SELECT ('0/0'::pg_lsn + (pg_current_wal_lsn() - '0/0'::pg_lsn) + 5e7::numeric)::text AS lsn`,
  );
  await setOrigin(edge, ahead?.lsn ?? '');
  await subscriber.query('ALTER SUBSCRIPTION items ENABLE');
  await waitFor('the slot to be ahead', async () => (await lagOf(edge)) < 0);
};

const lagOf = async ({ publisher, slot }: Edge): Promise<number> => {
  const [row] = await publisher.query<{ readonly lag: number }>(
    'SELECT (pg_current_wal_lsn() - confirmed_flush_lsn)::float8 AS lag FROM pg_replication_slots WHERE slot_name = $1',
    [slot],
  );
  return row?.lag ?? 0;
};

/** The WAL has passed the slot: nothing on the servers tells any more that changes are missing. */
const passSlot = (edge: Edge): Promise<boolean> =>
  waitFor('the WAL to pass the slot', async () => {
    await edge.publisher.query(`SELECT pg_logical_emit_message(false, 'test', 'a new segment')`);
    await edge.publisher.query('SELECT pg_switch_wal()');
    return (await lagOf(edge)) > 0;
  });

test('one table is not copied again where all of a subscription lack changes; the printed command cures it', async () => {
  const edge = await createEdge({ publisher: await cluster.privateServer(newestMajor) });
  const { publisher, subscriber, project, topology } = edge;
  for (const database of [publisher, subscriber])
    await database.query('CREATE TABLE others (id int PRIMARY KEY, note text)');
  await project.describe({
    ...topology,
    publications: { items: { node: 'publisher', tables: ['items', 'others'] } },
  });
  const first = await project.steep('apply', '--auto-approve');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  await setBack(edge);
  await publisher.query(`INSERT INTO items VALUES (0, 'never sent')`);
  await publisher.query(`INSERT INTO others VALUES (0, 'never sent')`);

  const cure = 'steep apply --reinit subscriber/subscription.items';
  const one = ['--reinit', 'subscriber/copy.items:public.items'];
  const allow = ['--allow-hazard', 'TARGET_TRUNCATE=subscriber/subscription.items'];
  const refused = async (): Promise<void> => {
    const { code, stdout, stderr } = await project.steep(
      'apply',
      ...one,
      ...allow,
      '--auto-approve',
    );
    expect(code, stdout + stderr).toBe(3);
    expect(stdout).toMatch(/BLOCK +REINIT_BLOCKED/);
    expect(stdout).toContain(cure);
  };
  await refused();
  const during = await project.steep('apply', '--auto-approve', '--converge-timeout', '1s');
  expect(during.code, during.stdout + during.stderr).toBe(8);
  await passSlot(edge);
  await refused();

  const { stdout } = await project.steep('plan', ...cure.split(' ').slice(2));
  const consent = [...stdout.matchAll(/--allow-hazard (\S+)/g)].map(([, it = '']) => it);
  const allowed = consent.flatMap((it) => ['--allow-hazard', it]);
  const again = await project.steep(...cure.split(' ').slice(1), ...allowed, '--auto-approve');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, [items, { schema: 'public', name: 'others' }]);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  const status = await project.steep('status');
  expect(status.code, status.stdout).toBe(0);
});

test('a publisher that was set back before the copy had caught up is not forgotten', async () => {
  const edge = await createEdge({ publisher: await cluster.privateServer(newestMajor) });
  const { publisher, subscriber, project } = edge;
  const first = await project.steep('apply', '--auto-approve', '--no-wait');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, [items]);
  expect(await subscriber.query('SELECT state::text FROM steep_repl.subscriptions_init')).toEqual([
    { state: 'catching_up' },
  ]);
  await setBack(edge);
  await publisher.query(`INSERT INTO items VALUES (0, 'never sent')`);
  const during = await project.steep('apply', '--auto-approve', '--converge-timeout', '1s');
  expect(during.code, during.stdout + during.stderr).toBe(8);
  await passSlot(edge);
  const after = await project.steep('apply', '--auto-approve');
  expect(after.code, after.stdout + after.stderr).toBe(8);
  expect(after.stdout + after.stderr).toContain('--reinit subscriber/subscription.items');
});
