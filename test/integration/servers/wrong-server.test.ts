// A saved plan is for the servers that it was made on: another cluster, another database and a restored
// clone are refused with exit 4, and nothing is changed on them. A server that is down is not another one.

import { beforeAll, describe, expect, test } from 'vitest';
import { catalogsOf } from '../../support/servers/catalogs.ts';
import {
  canClone,
  cluster,
  type PrivateServer,
  type TestDatabase,
} from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

let server: PrivateServer;
let edge: Edge;

beforeAll(async () => {
  server = await cluster.privateServer(newestMajor);
  edge = await createEdge({ publisher: server, lasting: true });
  const planned = await edge.project.steep('plan', '--out', 'p');
  expect(planned.code, planned.stderr).toBe(0);
});

const itemsTable = 'CREATE TABLE items (id int PRIMARY KEY, note text)';

/** The database of the publisher after a restore: the same identifier, a new timeline. */
async function promotedClone(): Promise<TestDatabase> {
  const clone = await server.cloneAsStandby();
  const database = testDatabase(clone.superuser, edge.publisher.name);
  await database.query('SELECT pg_promote()');
  await waitFor('the checkpoint after the promotion', async () => {
    const [row] = await database.query<{ readonly timeline: number }>(
      'SELECT timeline_id AS timeline FROM pg_control_checkpoint()',
    );
    return row?.timeline === 2;
  });
  return database;
}

const others: readonly { readonly what: string; readonly other: () => Promise<TestDatabase> }[] = [
  { what: 'another server', other: () => cluster.database(newestMajor) },
  { what: 'another database of the same server', other: () => server.createDatabase() },
  ...(canClone ? [{ what: 'a restored clone', other: promotedClone }] : []),
];

describe.each(others)('a saved plan, applied to $what', ({ what, other }) => {
  test('exits 4, names the node, and changes nothing', async () => {
    const database = await other();
    if (what !== 'a restored clone') await database.query(itemsTable);
    const before = await Promise.all([database, edge.subscriber].map((it) => catalogsOf(it)));
    const project = edge.project.with({ publisher: database.url });
    const { code, stderr } = await project.steep('apply', 'p');
    expect(code, stderr).toBe(4);
    expect(stderr).toContain('Code: WRONG_SERVER');
    expect(stderr).toMatch(/identifier, timeline or database of publisher differs/);
    const after = await Promise.all([database, edge.subscriber].map((it) => catalogsOf(it)));
    expect(after).toEqual(before);
  });
});

test('a saved plan, while its server is down, exits 7: that is not another server', async () => {
  await server.stop();
  const { code, stderr } = await edge.project.steep('apply', 'p');
  await server.start();
  expect(code, stderr).toBe(7);
  expect(stderr).toContain('Code: UNREACHABLE');
  expect(stderr).toContain('Node publisher');
  const applied = await edge.project.steep('apply', 'p');
  expect(applied.code, applied.stderr).toBe(0);
});
