// A slot and the snapshot at its consistent point: what it shows, how long it lives, and what it leaves.

import { expect, test } from 'vitest';
import {
  holdSnapshot,
  snapshotStatements,
  useSnapshot,
} from '../../../src/copy/read/hold-snapshot.ts';
import { ddl, sql } from '../../../src/postgres/sql/sql.ts';
import { majors } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { hold, open, stage } from './copy-under-test.ts';

test.each(majors)(
  'PostgreSQL %i: the snapshot shows what was there, until it is released',
  async (major) => {
    const it = await stage('CREATE TABLE a (id int PRIMARY KEY)', [major, major]);
    await it.source.query('INSERT INTO a VALUES (1)');
    const snapshot = await hold(it);
    await it.source.query('INSERT INTO a VALUES (2)');
    expect(snapshot.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    const session = await open(it.source.conninfo, 'source');
    const look = () =>
      session.transaction({ isolation: 'repeatable read', readOnly: true }, async () => {
        await session.query(useSnapshot(snapshot.name));
        return session.query(sql`SELECT id FROM public.a ORDER BY id`);
      });
    expect(await look()).toEqual([{ id: 1 }]);
    await snapshot.release();
    await snapshot.release();
    await waitFor('the snapshot to be gone', () =>
      look().then(
        () => false,
        () => true,
      ),
    );
    await session.close();
    expect(snapshot.lost.aborted).toBe(false);
    expect(
      await it.source.query(
        `SELECT plugin, active FROM pg_replication_slots WHERE slot_name = '${it.slot}'`,
      ),
    ).toEqual([{ plugin: 'pgoutput', active: false }]);
  },
);

test('says when its connection is lost', async () => {
  const it = await stage('CREATE TABLE a (id int PRIMARY KEY)');
  const snapshot = await hold(it);
  const lost = new Promise((resolve) => {
    snapshot.lost.addEventListener('abort', resolve);
  });
  await it.source.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = current_database()`,
  );
  await lost;
  expect(snapshot.lost.reason).toMatchObject({ code: 'CONNECTION_LOST' });
});

test('a slot that cannot be made leaves no session', async () => {
  const it = await stage('CREATE TABLE a (id int PRIMARY KEY)');
  await hold(it);
  const session = await open(it.source.conninfo, 'source', 'database');
  await expect(holdSnapshot(session, { slot: it.slot, plugin: 'pgoutput' })).rejects.toMatchObject({
    code: '42710',
  });
  expect(session.closed).toBe(true);
});

test('a plan can show what is sent', () => {
  expect(
    snapshotStatements({ slot: 'Odd slot', plugin: 'pgoutput' }).map(({ display }) => display),
  ).toEqual([
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    'CREATE_REPLICATION_SLOT "Odd slot" LOGICAL pgoutput USE_SNAPSHOT',
    ddl`SELECT pg_catalog.pg_export_snapshot() AS snapshot`.display,
  ]);
});
