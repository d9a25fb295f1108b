// steep repair on one side of a two-way pair, while both are written to.

import { expect, test } from 'vitest';
import { inProcess } from '../../support/in-process.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { createPair, onServers, waitForWrites, writeTo } from '../../support/worlds/pair.ts';
import { repairIn } from '../../support/worlds/repaired.ts';
import { verifyIn } from '../../support/worlds/verified.ts';

test('of a two-way pair nothing is sent back', async () => {
  const pair = await createPair(await onServers(newestMajor, newestMajor));
  const environment = { US_URL: pair.us.url, EU_URL: pair.eu.url };
  const file = pair.project.path('steep.yaml');
  await inProcess(file, environment).apply();
  const [subscription] = await pair.eu.query<{ readonly subname: string }>(
    `SELECT s.subname FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE d.datname = current_database()`,
  );
  // As a mistake that is not sent: under an origin.
  await pair.eu.query(`
    SELECT pg_replication_origin_create('mistake_${pair.eu.name}');
    SELECT pg_replication_origin_session_setup('mistake_${pair.eu.name}');
    UPDATE accounts SET note = 'wrong' WHERE id < 20; DELETE FROM accounts WHERE id BETWEEN 21 AND 31;
    INSERT INTO accounts VALUES (-2, 'stray');
    SELECT pg_replication_origin_session_reset();
    SELECT pg_replication_origin_drop('mistake_${pair.eu.name}')`);
  const writers = [
    await writeTo(pair.us, 'accounts', 'odd'),
    await writeTo(pair.eu, 'accounts', 'even'),
  ];
  for (const writer of writers) await waitForWrites(writer, 20);
  const versions =
    'SELECT id, xmin::text AS version, note FROM accounts WHERE id < 100 ORDER BY id';
  const before = await pair.us.query(versions);
  const report = await repairIn(file, environment, `eu/subscription.${subscription?.subname}`);
  expect(report, JSON.stringify(report.tables)).toMatchObject({
    outcome: 'repaired',
    tables: [{ table: 'public.accounts', overwritten: 10, inserted: 6, deleted: 1 }],
  });
  for (const writer of writers) await waitForWrites(writer, 20);
  await Promise.all(writers.map((writer) => writer.stop()));
  const { rows } = await verifyIn(file, environment);
  expect(rows).toEqual([]);
  expect(await pair.us.query(versions)).toEqual(before);
  expect(
    await pair.eu.query(
      `SELECT roname FROM pg_replication_origin JOIN pg_database AS d ON roname = 'steep_repair_' || d.oid
        WHERE d.datname = current_database()`,
    ),
  ).toEqual([]);
});
