// Definitions that are read while ALTER TABLE makes indexes and constraints again: those of the snapshot are gone when the
// server spells them.

import { expect, test } from 'vitest';
import { openSession } from '../../../src/postgres/session.ts';
import { readDefinitions } from '../../../src/schema/read-definitions.ts';
import { readCaptured } from '../../../src/schema/read-fingerprints.ts';
import { theseTables } from '../../../src/schema/scope.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';

const tables = theseTables([{ schema: 'public', name: 't' }]);

const opened = async ({ conninfo }: TestDatabase) =>
  openSession(conninfo, { node: 'n', applicationName: 'steep', readOnly: true });

test('what was made again while it was read is read again, for the record and for comparisons', async () => {
  const database = await cluster.database(newestMajor);
  await database.query(`
    CREATE TABLE t (id int PRIMARY KEY, note text CHECK (note <> 'x'), UNIQUE (id, note));
    CREATE INDEX a ON t (lower(note)); CREATE INDEX b ON t (upper(note)); CREATE INDEX c ON t (note) WHERE id > 1`);
  const alter = `ALTER TABLE t ALTER note TYPE text USING note || ''`;
  for (const read of [readCaptured, readDefinitions]) {
    const session = await opened(database);
    const altering = await holdTransaction(database, alter);
    const reading = read(session, tables);
    await waitFor('the query to wait for ALTER TABLE', async () => {
      const waiting = await database.query(
        `SELECT FROM pg_stat_activity WHERE pid = ${session.pid} AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });
    await altering.commit();
    const seen = await reading;
    expect(seen).toEqual(await read(session, tables));
    expect(JSON.stringify(seen)).toContain('upper(note)');
    await session.close();
  }
});
