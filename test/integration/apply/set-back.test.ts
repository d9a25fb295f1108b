// A publisher that was set back to an earlier state of itself: its subscriber has already applied what its WAL does not hold.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
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

test.each([...new Set([Math.min(...majors), newestMajor])])(
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
