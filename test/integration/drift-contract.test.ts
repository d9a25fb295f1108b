// What drift promises to those who schedule it: it only reads, and it says when others write.

import { expect, test } from 'vitest';
import { openSession } from '../../src/postgres/session.ts';
import { sql } from '../../src/postgres/sql/sql.ts';
import { lockNode } from '../../src/run/run-lock.ts';
import { cluster } from '../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../support/servers/majors.ts';
import { waitFor } from '../support/servers/wait.ts';
import { createDriftWorld } from '../support/worlds/drift-world.ts';

const all = ['topology', 'schema', 'runtime'] as const;

/** Entries begin in the first column; further lines of a statement are indented by a tab. */
const statementsOf = (application: string, log: string): readonly string[] =>
  log.split(/\n(?!\t)/).flatMap((entry) => {
    if (!entry.startsWith(`${application}|`)) return [];
    const [, text] = /^.*?(?:statement|execute <unnamed>): ([\s\S]*)$/.exec(entry) ?? [];
    return text === undefined ? [] : [text.trim()];
  });

test.each(lastByDay([...new Set([Math.min(...majors), newestMajor])]))(
  'on %i the log shows reading and nothing else',
  async (major) => {
    const server = await cluster.privateServer(major, {
      log_statement: 'all',
      log_line_prefix: '%a|',
    });
    const world = await createDriftWorld(server, server);
    // Something must look wrong, so that drift looks twice.
    await world.reporting.query(
      `ALTER SUBSCRIPTION ${world.feed} CONNECTION 'host=127.0.0.1 port=1'`,
    );
    await waitFor('the worker to end', async () => {
      const rows = await world.reporting.query(
        'SELECT 1 FROM pg_stat_subscription WHERE subname = $1 AND pid IS NOT NULL',
        [world.feed],
      );
      return rows.length === 0;
    });
    expect((await world.drift(all)).outcome).toBe('drift');
    const statements = statementsOf('steep drift', await server.logText());
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
    // Two nodes; a second look at an edge reads no snapshot.
    expect(statements.filter((text) => text === begin)).toHaveLength(2);
    const others = statements.filter((text) => ![begin, 'COMMIT'].includes(text));
    expect(others.length).toBeGreaterThan(40);
    expect(others.filter((text) => !/^(SELECT|WITH)\b/.test(text))).toEqual([]);
    expect(others.filter((text) => /set_config|_lock\(|nextval|notify|_slot\(/.test(text))).toEqual(
      [],
    );
    await world.reporting.dropSubscriptions();
  },
);

test('every statement is a SELECT, or the frame of one', async () => {
  const shared = await cluster.server(newestMajor);
  const world = await createDriftWorld(shared, shared);
  const sent: string[] = [];
  await world.drift(all, { onStatement: (_node, text) => sent.push(text.trim()) });
  expect(
    sent.filter((text) => !/^((SELECT|WITH)\b|BEGIN .*READ ONLY$|COMMIT$)/.test(text)),
  ).toEqual([]);
  await world.reporting.dropSubscriptions();
});

test('its sessions cannot write', async () => {
  const { conninfo } = await cluster.database(newestMajor);
  const options = { node: 'n', applicationName: 'steep drift', readOnly: true };
  const session = await openSession(conninfo, options);
  await expect(session.query(sql`CREATE TABLE t ()`)).rejects.toMatchObject({ code: '25006' });
  await session.close();
});

test('says when another steep is changing a node meanwhile', async () => {
  const shared = await cluster.server(newestMajor);
  const world = await createDriftWorld(shared, shared);
  const options = { node: 'primary', applicationName: 'steep abc dba@host', readOnly: false };
  const session = await openSession(world.primary.conninfo, options);
  const wait = { runId: 'abc', waitMs: 0, clock: () => 0, sleep: () => Promise.resolve() };
  await lockNode(session, wait);
  const { warnings, outcome } = await world.drift(all);
  await session.close();
  expect(outcome).toBe('none');
  expect(warnings).toMatchObject([
    { code: 'RUN_IN_PROGRESS', detail: expect.stringContaining('steep abc dba@host') },
  ]);
  await world.reporting.dropSubscriptions();
});
